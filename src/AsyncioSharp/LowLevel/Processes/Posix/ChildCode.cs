using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// The few machine instructions that run in a child before it becomes another program. Between clone and execve the child lives in its
/// parent's memory and on its parent's stack, where neither managed code nor the C library's may run: these instructions use
/// registers alone, and leave all else as it was.
/// </summary>
/// <remarks>
/// posix_spawn comes to the same with a stack that is mapped and unmapped for each child, and asks for the action of every
/// signal; that is a tenth of the processor time which starting a small program takes. Where there is no such code, or the
/// system allows no memory to be made executable (SELinux's execmem), it is used instead.
/// <para>
/// What makes it safe: the instructions neither push nor pop, so that the return address of the parent, which shares the stack, stays
/// as it is; all that they write is <see cref="SystemCall.Failure"/>. The parent's thread is outside of managed code
/// for the garbage collector, which therefore does not wait for it. The memory is never writable and executable at once.
/// As with posix_spawn, a terminal's Ctrl-Z that stops the child in these few moments has the parent wait until it goes on.
/// </para>
/// </remarks>
internal static unsafe class ChildCode
{
    private static readonly delegate* unmanaged<CloneArguments*, nint, SystemCall*, nint> s_code = Load();

    /// <summary>Whether there is code for this machine, and it may run.</summary>
    public static bool IsAvailable => s_code is not null;

    // For x86-64. Arguments come in rdi, rsi and rdx; the kernel takes them in the first two and leaves r8 alone.
    private static ReadOnlySpan<byte> Instructions =>
    [
        0xF3, 0x0F, 0x1E, 0xFA,         //         endbr64
        0x49, 0x89, 0xD0,               //         mov r8, rdx
        0xB8, 0xB3, 0x01, 0x00, 0x00,   //         mov eax, 435        clone3
        0x0F, 0x05,                     //         syscall
        0x48, 0x85, 0xC0,               //         test rax, rax
        0x75, 0x30,                     //         jnz done            the parent, or nobody
        0x49, 0x8B, 0x00,               // next:   mov rax, [r8]       Number
        0x49, 0x8B, 0x78, 0x08,         //         mov rdi, [r8+8]     First
        0x49, 0x8B, 0x70, 0x10,         //         mov rsi, [r8+16]    Second
        0x49, 0x8B, 0x50, 0x18,         //         mov rdx, [r8+24]    Third
        0x4D, 0x8B, 0x50, 0x20,         //         mov r10, [r8+32]    Fourth
        0x0F, 0x05,                     //         syscall
        0x48, 0x85, 0xC0,               //         test rax, rax
        0x78, 0x06,                     //         js failed
        0x49, 0x83, 0xC0, 0x30,         //         add r8, 48
        0xEB, 0xE0,                     //         jmp next
        0x49, 0x89, 0x40, 0x28,         // failed: mov [r8+40], rax    Failure
        0xBF, 0x7F, 0x00, 0x00, 0x00,   //         mov edi, 127
        0xB8, 0xE7, 0x00, 0x00, 0x00,   //         mov eax, 231        exit_group
        0x0F, 0x05,                     //         syscall
        0xC3,                           // done:   ret
    ];

    /// <summary>Makes a child, which makes some calls, of which the last is to be execve, until one fails; then it ends.</summary>
    /// <returns>Its number once it has become another program or has ended, or an error number, negated, if there is none.</returns>
    public static int Run(CloneArguments* arguments, SystemCall* calls) => (int)s_code(arguments, sizeof(CloneArguments), calls);

    private static delegate* unmanaged<CloneArguments*, nint, SystemCall*, nint> Load() =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
            ? (delegate* unmanaged<CloneArguments*, nint, SystemCall*, nint>)Libc.MapCode(Instructions)
            : null;
}
