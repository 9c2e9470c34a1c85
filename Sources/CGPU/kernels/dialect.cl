// One source for two compilers, OpenCL C 1.2 and CUDA C++ (NVRTC): every IEEE operation that must not be left to an
// option has a name here. All helpers are inlined: PoCL 3.1 shares a local array between its threads where a function
// that is called gets it.
#ifdef __OPENCL_VERSION__
#pragma OPENCL FP_CONTRACT OFF
#define KERNEL(threads) __kernel __attribute__((reqd_work_group_size(threads, 1, 1))) void
#define GLOBAL __global
#define LOCAL __local
#define SHARED __local
#define INLINE static inline __attribute__((always_inline))
#define SYNC() barrier(CLK_LOCAL_MEM_FENCE)
#define SYNC_ALL() barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
#define THREAD ((int)get_local_id(0))
#define GROUP(dimension) ((int)get_group_id(dimension))
#define FMA(a, b, c) fma((float)(a), (float)(b), (float)(c))
#define DIVIDE(a, b) ((float)(a) / (float)(b))
#define ROOT(a) sqrt((float)(a))
#define BITS(x) as_uint((float)(x))
#define FLOAT(bits) as_float((uint)(bits))
#else
#define KERNEL(threads) extern "C" __global__ __launch_bounds__(threads) void
#define GLOBAL
#define LOCAL
#define SHARED __shared__
#define INLINE static __device__ __forceinline__
#define SYNC() __syncthreads()
#define SYNC_ALL() __syncthreads()
#define THREAD ((int)threadIdx.x)
#define GROUP(dimension) ((int)((dimension) == 0 ? blockIdx.x : (dimension) == 1 ? blockIdx.y : blockIdx.z))
#define FMA(a, b, c) __fmaf_rn(a, b, c)
#define DIVIDE(a, b) __fdiv_rn(a, b)
#define ROOT(a) __fsqrt_rn(a)
#define BITS(x) __float_as_uint(x)
#define FLOAT(bits) __uint_as_float(bits)
#endif
