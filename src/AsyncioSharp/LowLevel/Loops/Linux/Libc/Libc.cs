using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// The system calls that are made directly, and the only unsafe code of the network but for the memory that io_uring shares with the kernel or
/// is given to send, and the layout of <see cref="EpollEvent"/>. Each returns what the kernel does: a result that is not negative, or an error number, negated.
/// </summary>
/// <remarks>
/// What makes the pointers safe: they are taken from spans, which are fixed for the call, and the length passed along is
/// the span's own; the kernel keeps none of them once a call has returned. Descriptors are held open by whoever passes
/// them: a <see cref="SocketDescriptor"/> or a safe handle with a reference taken. Pointers within what is passed are those of
/// a <see cref="MessageTable"/>, which says why they hold. The error number is read right after the
/// call, before anything else on the thread can change it; the runtime preserves it across the return into managed code.
/// </remarks>
internal static unsafe partial class Libc
{
    /// <summary>
    /// The C library's whole name. .NET finds <c>libc</c> too, after it has tried files in half a dozen places, which takes a millisecond of each
    /// program's start. musl knows this name as its own.
    /// </summary>
    public const string Library = "libc.so.6";

    private const int NoSignal = 0x4000; // MSG_NOSIGNAL: a broken pipe is an error, not a signal
    private const int PeekOnly = 2; // MSG_PEEK
    private const int NonBlockingCloseOnExec = 0x800 | 0x80000; // SOCK_NONBLOCK, SOCK_CLOEXEC and the EFD_ ones alike
    private const int CloseOnExec = 0x80000;
    private const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC
    private const int TicksPerMillisecond = (int)TimeSpan.TicksPerMillisecond;

    // epoll_pwait2 came with Linux 5.11 and glibc 2.35. Its time is two longs where a long has 64 bits.
    private static bool s_hasNanoseconds = sizeof(nint) == 8;

    /// <summary>Makes an epoll instance.</summary>
    public static int CreateEpoll() => Result(Faults.Strike("epoll_create1") ? -1 : epoll_create1(CloseOnExec));

    /// <summary>Makes an eventfd, non-blocking.</summary>
    public static int CreateEvent() => Result(Faults.Strike("eventfd") ? -1 : eventfd(0, NonBlockingCloseOnExec));

    /// <summary>Adds to an eventfd, which wakes whoever polls it.</summary>
    public static int SignalEvent(int descriptor)
    {
        var one = 1UL;
        return Result(write(descriptor, &one, sizeof(ulong)));
    }

    /// <summary>Adds a descriptor to an epoll instance, changes what is wanted of it, or takes it out.</summary>
    public static int ControlEpoll(int epoll, EpollOperation operation, int descriptor, EpollEvents events, ulong data)
    {
        var buffer = stackalloc byte[EpollEvent.MaxSize];
        EpollEvent.Write(buffer, events, data);
        return Result(Faults.Strike("epoll_ctl") ? -1 : epoll_ctl(epoll, (int)operation, descriptor, buffer));
    }

    /// <summary>Waits for events.</summary>
    /// <param name="epoll">The epoll instance.</param>
    /// <param name="events">Room for the events, <see cref="EpollEvent.Size"/> each.</param>
    /// <param name="timeout">In ticks of 100 ns; 0 for not at all, -1 for ever.</param>
    public static int WaitEpoll(int epoll, Span<byte> events, long timeout)
    {
        var count = events.Length / EpollEvent.Size;
        fixed (byte* buffer = events)
        {
            if (timeout > 0 && s_hasNanoseconds)
            {
                var result = WaitNanoseconds(epoll, buffer, count, timeout);
                if (s_hasNanoseconds)
                    return result;
            }
            // Rounded up: waking early would make the loop spin until the deadline.
            var milliseconds = timeout <= 0 ? timeout : timeout / TicksPerMillisecond + (timeout % TicksPerMillisecond == 0 ? 0 : 1);
            return Result(Faults.Strike("epoll_wait") ? -1 : epoll_wait(epoll, buffer, count, (int)Math.Min(milliseconds, int.MaxValue)));
        }
    }

    /// <summary>Receives from a socket that does not block.</summary>
    public static int Receive(int descriptor, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            nint count;
            do
                count = Faults.Strike("recv") ? -1 : recv(descriptor, bytes, (nuint)buffer.Length, 0);
            while (count < 0 && Marshal.GetLastSystemError() == Errno.EINTR);
            return Result(count);
        }
    }

    /// <summary>Sends on a socket that does not block.</summary>
    public static int Send(int descriptor, ReadOnlySpan<byte> data)
    {
        fixed (byte* bytes = data)
        {
            nint count;
            do
                count = Faults.Strike("send") ? -1 : send(descriptor, bytes, (nuint)data.Length, NoSignal);
            while (count < 0 && Marshal.GetLastSystemError() == Errno.EINTR);
            return Result(count);
        }
    }

    /// <summary>Looks whether there is something to receive, and takes nothing.</summary>
    public static int Peek(int descriptor)
    {
        byte one;
        nint count;
        do
            count = Faults.Strike("recv") ? -1 : recv(descriptor, &one, 1, PeekOnly);
        while (count < 0 && Marshal.GetLastSystemError() == Errno.EINTR);
        return Result(count);
    }

    /// <summary>Receives a datagram from a socket that does not block.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="buffer">Takes the datagram.</param>
    /// <param name="address">Takes the sender's address, and is cut to its length.</param>
    public static int ReceiveFrom(int descriptor, Span<byte> buffer, ref Span<byte> address)
    {
        fixed (byte* bytes = buffer, from = address)
        {
            uint length;
            nint count;
            do
            {
                length = (uint)address.Length;
                count = Faults.Strike("recvfrom") ? -1 : recvfrom(descriptor, bytes, (nuint)buffer.Length, 0, from, &length);
            }
            while (count < 0 && Marshal.GetLastSystemError() == Errno.EINTR);
            var result = Result(count);
            address = address[..(int)Math.Min(length, (uint)address.Length)];
            return result;
        }
    }

    /// <summary>Sends a datagram on a socket that does not block.</summary>
    public static int SendTo(int descriptor, ReadOnlySpan<byte> data, ReadOnlySpan<byte> address)
    {
        fixed (byte* bytes = data, to = address)
        {
            nint count;
            do
                count = Faults.Strike("sendto") ? -1 : sendto(descriptor, bytes, (nuint)data.Length, NoSignal, to, (uint)address.Length);
            while (count < 0 && Marshal.GetLastSystemError() == Errno.EINTR);
            return Result(count);
        }
    }

    /// <summary>Receives datagrams from a socket that does not block, as many as there are and are asked for.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="headers">Where to, of a <see cref="MessageTable"/> that the caller keeps; the kernel writes to them.</param>
    /// <returns>How many; fewer than asked for if that was all, or an error came, which the next call has then.</returns>
    public static int ReceiveMany(int descriptor, Span<MessageHeader> headers)
    {
        fixed (MessageHeader* messages = headers)
        {
            int count;
            do
                count = Faults.Strike("recvmmsg") ? -1 : recvmmsg(descriptor, messages, (uint)headers.Length, 0, null);
            while (count < 0 && Marshal.GetLastSystemError() == Errno.EINTR);
            return Result(count);
        }
    }

    /// <summary>Sends datagrams on a socket that does not block, until one cannot be sent.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="headers">Where they are, of a <see cref="MessageTable"/> that the caller keeps; the kernel writes to them.</param>
    /// <returns>How many; the error only if the first one was not sent.</returns>
    public static int SendMany(int descriptor, Span<MessageHeader> headers)
    {
        fixed (MessageHeader* messages = headers)
        {
            int count;
            do
                count = Faults.Strike("sendmmsg") ? -1 : sendmmsg(descriptor, messages, (uint)headers.Length, NoSignal);
            while (count < 0 && Marshal.GetLastSystemError() == Errno.EINTR);
            return Result(count);
        }
    }

    /// <summary>Begins to connect a socket that does not block.</summary>
    public static int Connect(int descriptor, ReadOnlySpan<byte> address)
    {
        fixed (byte* bytes = address)
            return Result(Faults.Strike("connect") ? -1 : connect(descriptor, bytes, (uint)address.Length));
    }

    /// <summary>Accepts a connection; its socket does not block and is closed on exec.</summary>
    /// <param name="descriptor">The listening socket.</param>
    /// <param name="address">Takes the peer's address.</param>
    public static int Accept(int descriptor, Span<byte> address)
    {
        fixed (byte* bytes = address)
        {
            int accepted;
            do
            {
                var length = (uint)address.Length;
                accepted = Faults.Strike("accept4") ? -1 : accept4(descriptor, bytes, &length, NonBlockingCloseOnExec);
            }
            while (accepted < 0 && Marshal.GetLastSystemError() == Errno.EINTR);
            return Result(accepted);
        }
    }

    /// <summary>Ends a socket's sending side.</summary>
    public static int ShutdownSending(int descriptor) => Result(Faults.Strike("shutdown") ? -1 : shutdown(descriptor, 1));

    /// <summary>Ends a connection in both directions, whoever else holds its socket.</summary>
    public static int ShutdownBoth(int descriptor) => Result(Faults.Strike("shutdown") ? -1 : shutdown(descriptor, 2));

    /// <summary>Makes a second descriptor of the same socket.</summary>
    public static int Duplicate(int descriptor) => Result(Faults.Strike("fcntl") ? -1 : fcntl(descriptor, DuplicateCloseOnExec, 0));

    /// <summary>Has a number mean what a descriptor means, in place of what it meant, which is closed.</summary>
    public static int Replace(int number, int descriptor) => Result(Faults.Strike("dup3") ? -1 : dup3(descriptor, number, CloseOnExec));

    /// <summary>Closes a descriptor. It is gone whatever the result.</summary>
    public static int Close(int descriptor) => Result(close(descriptor));

    private static int Result(nint result) => result >= 0 ? (int)result : -Marshal.GetLastSystemError();

    private static int WaitNanoseconds(int epoll, byte* buffer, int count, long timeout)
    {
        var time = stackalloc long[2]; // struct timespec
        time[0] = timeout / TimeSpan.TicksPerSecond;
        time[1] = timeout % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick;
        try
        {
            var result = Result(Faults.Strike("epoll_pwait2") ? -1 : epoll_pwait2(epoll, buffer, count, time, null));
            if (result is -Errno.ENOSYS or -Errno.EPERM) // the latter from filters of containers older than the call
                s_hasNanoseconds = false;
            return result;
        }
        catch (EntryPointNotFoundException)
        {
            s_hasNanoseconds = false;
            return 0;
        }
    }

    [LibraryImport(Library)]
    private static partial int epoll_create1(int flags);

    [LibraryImport(Library)]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* @event);

    [LibraryImport(Library)]
    private static partial int epoll_wait(int epoll, byte* events, int count, int timeout);

    [LibraryImport(Library)]
    private static partial int epoll_pwait2(int epoll, byte* events, int count, long* timeout, void* signalMask);

    [LibraryImport(Library)]
    private static partial int eventfd(uint value, int flags);

    [LibraryImport(Library)]
    private static partial nint write(int descriptor, void* buffer, nuint count);

    [LibraryImport(Library)]
    private static partial nint recv(int descriptor, byte* buffer, nuint count, int flags);

    [LibraryImport(Library)]
    private static partial nint send(int descriptor, byte* buffer, nuint count, int flags);

    [LibraryImport(Library)]
    private static partial nint recvfrom(int descriptor, byte* buffer, nuint count, int flags, byte* address, uint* length);

    [LibraryImport(Library)]
    private static partial nint sendto(int descriptor, byte* buffer, nuint count, int flags, byte* address, uint length);

    [LibraryImport(Library)]
    private static partial int recvmmsg(int descriptor, MessageHeader* messages, uint count, int flags, void* timeout);

    [LibraryImport(Library)]
    private static partial int sendmmsg(int descriptor, MessageHeader* messages, uint count, int flags);

    [LibraryImport(Library)]
    private static partial int connect(int descriptor, byte* address, uint length);

    [LibraryImport(Library)]
    private static partial int accept4(int descriptor, byte* address, uint* length, int flags);

    [LibraryImport(Library)]
    private static partial int shutdown(int descriptor, int how);

    [LibraryImport(Library)]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport(Library)]
    private static partial int dup3(int descriptor, int number, int flags);

    [LibraryImport(Library)]
    private static partial int close(int descriptor);
}
