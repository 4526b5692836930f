using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// A descriptor that belongs to the program: what is called, or which task waits, when it can be read or written.
/// </summary>
/// <remarks>
/// Level-triggered, as asyncio's. A task that has waited is likely to do so again soon, so its event stays registered; only
/// if it comes while nobody waits is it taken back. That spares nearly all calls of the kernel but the waiting itself.
/// </remarks>
internal sealed class EpollReadiness : EpollWatch
{
    private readonly LinuxEventLoop _loop;
    private readonly WeakReference<SafeHandle?> _handle = new(null);
    private EpollEvents _registered;

    public EpollReadiness(LinuxEventLoop loop, int descriptor)
        : base(loop, null, descriptor)
    {
        _loop = loop;
        Reader = new ReadinessSide(this, loop, "read");
        Writer = new ReadinessSide(this, loop, "write");
    }

    /// <summary>Who wants to read.</summary>
    public ReadinessSide Reader { get; }

    /// <summary>Who wants to write.</summary>
    public ReadinessSide Writer { get; }

    internal override bool IsClosed => _handle.TryGetTarget(out var known) && known.IsClosed;

    /// <summary>Says whose descriptor it is. If it is of another file than before, whoever waits for that one is told.</summary>
    /// <param name="handle">The handle; null if only the number is known.</param>
    public void BelongsTo(SafeHandle? handle)
    {
        if (_handle.TryGetTarget(out var known))
        {
            if (ReferenceEquals(known, handle) || (handle is null && !known.IsClosed))
                return;
            if (known.IsClosed || !IsOfSameFile())
                Forget();
        }
        else if (handle is not null && !IsOfSameFile())
        {
            Forget(); // it was closed by its number, or its handle dropped without being closed
        }
        _handle.SetTarget(handle);
    }

    /// <summary>Whether it is the descriptor of this handle.</summary>
    public bool IsOf(SafeHandle handle) => _handle.TryGetTarget(out var known) && ReferenceEquals(known, handle);

    /// <summary>Tells the kernel what is wanted now.</summary>
    /// <param name="unknown">Whether the kernel may have forgotten: the descriptor may have been closed and opened
    /// again.</param>
    public void Update(bool unknown = false)
    {
        var result = TryUpdate(unknown);
        if (result < 0)
            throw CannotBeWatched(-result);
    }

    /// <summary>Tells the kernel that one side wants nothing any more, also if the descriptor is closed.</summary>
    public void UpdateLess()
    {
        var result = TryUpdate(unknown: false);
        if (result is < 0 and not -Errno.EBADF)
            throw CannotBeWatched(-result);
    }

    /// <summary>Makes sure that the kernel tells when one side is ready.</summary>
    /// <param name="events">What that side waits for.</param>
    public void Want(EpollEvents events)
    {
        if ((_registered & events) == 0)
            Update();
    }

    internal override void Signal(EpollEvents events)
    {
        var unwanted = false;
        if ((events & (EpollEvents.Readable | EpollEvents.Ending)) != 0)
            unwanted |= !Reader.TrySignal() && (_registered & EpollEvents.Readable) != 0;
        if ((events & (EpollEvents.Writable | EpollEvents.Error | EpollEvents.HungUp)) != 0)
            unwanted |= !Writer.TrySignal() && (_registered & EpollEvents.Writable) != 0;
        if (IsClosed)
            Unregister(); // there is another descriptor of the same file: without that the kernel would tell nothing any more
        else if (unwanted)
            UpdateLess();
    }

    internal override void Displaced()
    {
        _registered = EpollEvents.None;
        Forget();
    }

    public override string ToString() => $"descriptor {Descriptor}";

    // What the kernel says.
    private int TryUpdate(bool unknown)
    {
        var wanted = (Reader.IsWanted ? EpollEvents.Readable : 0) | (Writer.IsWanted ? EpollEvents.Writable : 0);
        if (wanted == _registered && !unknown)
            return 0;
        if (wanted == EpollEvents.None)
        {
            Unregister();
            return 0;
        }
        var result = _registered == EpollEvents.None ? -Errno.ENOENT : _loop.Poller.Change(this, wanted);
        if (result == -Errno.ENOENT)
        {
            Unregister();
            result = _loop.Poller.Add(this, wanted);
        }
        if (result < 0)
            Unregister();
        else
            _registered = wanted;
        return result;
    }

    // A file may have several handles. The kernel knows it from one that was opened under the same number since.
    private bool IsOfSameFile() => _registered != EpollEvents.None && _loop.Poller.Change(this, _registered) >= 0;

    private void Forget()
    {
        Unregister();
        Reader.Lose();
        Writer.Lose();
    }

    private void Unregister()
    {
        if (_registered == EpollEvents.None)
            return;
        _registered = EpollEvents.None;
        _loop.Poller.Remove(this);
    }

    private Exception CannotBeWatched(int error) => error switch
    {
        Errno.EPERM => new NotSupportedException(
            $"Descriptor {Descriptor} is of a regular file or the like, which epoll cannot watch: it is always ready. " +
            "Read or write it in Asyncio.ToThread."),
        Errno.EBADF => new ArgumentException($"Descriptor {Descriptor} is not open.", "descriptor"),
        _ => Errno.Exception(error, $"Descriptor {Descriptor} cannot be watched"),
    };
}
