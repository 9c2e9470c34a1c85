import Glibc

/// How many processors are online: the number of threads where nobody says another (`_SC_NPROCESSORS_ONLN`).
package func onlineProcessorCount() -> Int {
  max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
}
