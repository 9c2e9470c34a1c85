import GPUKernels
import Glibc
import OperationChecks
import TensorKernels

// Compares every operation on a device with the scalar reference, bit for bit, where no test runner is:
//
//     gpu-checks opencl|cuda [operations of each kind, 200]
//
// It prints one line, and ends with 1 if a bit differs, with 69 where there is no such device.

let arguments = CommandLine.arguments
guard let interface = GPUInterface(rawValue: arguments.dropFirst().first ?? ""),
  let count = UInt64(arguments.dropFirst(2).first ?? "200"),
  let oracle = CPUBackend(kernels: ReferenceKernels(), threads: 1)
else {
  print("gpu-checks opencl|cuda [operations of each kind]")
  exit(64)
}
do {
  let program = try GPUProgram(GPUDriver.installed(interface), index: 0, named: interface.rawValue, cache: nil)
  let backend = try GPUBackend(program, threads: 1)
  var elements = 0
  var differing: [String] = []
  for kind in RandomOperation.Kind.allCases {
    for seed in 0..<count {
      let operation = RandomOperation(kind: kind, seed: seed), expected = try operation.run(on: oracle)
      elements += expected.count
      if try operation.run(on: backend) != expected { differing.append("\(operation)") }
    }
  }
  let operations = RandomOperation.Kind.allCases.count * Int(count),
    examples = differing.prefix(5).joined(separator: ", ")
  print(
    "\(program.description.name): \(operations) operations, \(elements) elements, \(differing.count) operations differ"
      + (differing.isEmpty ? "" : ": \(examples)"))
  exit(differing.isEmpty ? 0 : 1)
} catch {
  print("\((error as? DeviceFault)?.message ?? "\(error)")")
  exit(69)
}
