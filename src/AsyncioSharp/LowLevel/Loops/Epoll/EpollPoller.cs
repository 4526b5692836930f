using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

/// <summary>An epoll instance, the table of what it watches, and the eventfd that wakes it.</summary>
/// <remarks>
/// What the kernel keeps for a descriptor is the number of a slot and the slot's generation, which changes whenever the
/// slot is freed. An event that was already read for a descriptor which is closed, and whose number or slot may have been
/// used again since, thus finds nobody.
/// </remarks>
internal sealed partial class EpollPoller : IDisposable
{
    /// <summary>How many events are fetched at once.</summary>
    public const int MaxEvents = 1024;

    private const int Looks = 6;
    private const ulong WakeUpData = ulong.MaxValue;
    private const int NoSlot = -1;

    private struct Slot
    {
        public EpollWatch? Watch;
        public EpollEvents Events; // which are wanted
        public uint Generation;
        public int NextFree;
    }

    private readonly EventLoop _loop;
    private readonly SafeFileHandle _epoll;
    private readonly SafeFileHandle _wakeUp;
    private readonly int _epollDescriptor;
    private Slot[] _slots = new Slot[16];
    private EpollWatch?[] _watches = new EpollWatch?[16]; // by descriptor
    private int _slotsUsed;
    private int _freeSlot = NoSlot;
    private int _count;
    private Lookout _lookout;

    public EpollPoller(EventLoop loop)
    {
        _loop = loop;
        _epoll = Own(Libc.CreateEpoll(), "epoll_create1");
        try
        {
            _wakeUp = Own(Libc.CreateEvent(), "eventfd");
            _epollDescriptor = (int)_epoll.DangerousGetHandle(); // lives as long as the loop is not closed
            Check(AddWakeUp(_epollDescriptor));
        }
        catch
        {
            _wakeUp?.Dispose();
            _epoll.Dispose();
            throw;
        }
    }

    /// <summary>The epoll instance.</summary>
    public int Descriptor => _epollDescriptor;

    /// <summary>Room for events; made when the loop polls for the first time.</summary>
    private byte[] Events => field ??= GC.AllocateUninitializedArray<byte>(MaxEvents * EpollEvent.Size, pinned: true);

    /// <summary>Where there is room for events that are fetched otherwise than by <see cref="Wait"/>: pinned, for as long as this
    /// object lives.</summary>
    public nint EventsAddress => Marshal.UnsafeAddrOfPinnedArrayElement(Events, 0);

    /// <summary>Whether a descriptor is or was watched.</summary>
    public bool HasWatched => _slotsUsed > 0;

    /// <summary>Begins to watch a descriptor.</summary>
    /// <param name="client">Who is called.</param>
    /// <param name="descriptor">The descriptor; it stays open until <see cref="Remove"/>.</param>
    /// <param name="events">Which events are wanted.</param>
    public EpollWatch Add(IEpollClient client, int descriptor, EpollEvents events)
    {
        var watch = new EpollWatch(_loop, client, descriptor);
        var result = Add(watch, events);
        return result >= 0 ? watch : throw Errno.Exception(-result, "The descriptor cannot be watched");
    }

    /// <summary>Begins to watch a descriptor.</summary>
    /// <returns>What the kernel says.</returns>
    /// <param name="watch">The watch.</param>
    /// <param name="events">Which events are wanted.</param>
    /// <param name="always">Whether it is watched, without events, also if the kernel says that the descriptor is of a kind
    /// that is always ready.</param>
    public int Add(EpollWatch watch, EpollEvents events, bool always = false)
    {
        var index = TakeSlot();
        ref var slot = ref _slots[index];
        slot.Events = events;
        var result = Register(_epollDescriptor, index, watch);
        if (result < 0 && !(always && result == -Errno.EPERM))
        {
            FreeSlot(index);
            return result;
        }
        watch.Slot = (uint)index;
        slot.Watch = watch;
        if (watch.Descriptor >= _watches.Length)
            Array.Resize(ref _watches, Math.Max(watch.Descriptor + 1, _watches.Length * 2));
        ref var place = ref _watches[watch.Descriptor];
        var displaced = place;
        place = watch;
        if (displaced is not null)
        {
            // The kernel knew of none: what was watched under this number was closed without a word.
            FreeSlot((int)displaced.Slot);
            displaced.Displaced();
        }
        return result;
    }

    /// <summary>The watch of a descriptor; null if it has none.</summary>
    public EpollWatch? WatchOf(int descriptor) => (uint)descriptor < (uint)_watches.Length ? _watches[descriptor] : null;

    /// <summary>Changes what is wanted of a descriptor that is watched.</summary>
    /// <returns>What the kernel says.</returns>
    public int Change(EpollWatch watch, EpollEvents events)
    {
        ref var slot = ref _slots[watch.Slot];
        var result = Libc.ControlEpoll(_epollDescriptor, EpollOperation.Change, watch.Descriptor, events, (ulong)slot.Generation << 32 | watch.Slot);
        if (result >= 0)
            slot.Events = events;
        return result;
    }

    /// <summary>Ends a watch: its client is not called any more.</summary>
    /// <param name="watch">The watch; its descriptor is still open, unless the program has closed it behind the loop's back.</param>
    /// <param name="closes">Whether the descriptor is closed right afterwards, and is the only one: then the kernel ends the watch
    /// with it. A process that is just being started may have it for a moment; its events find nobody.</param>
    public void Remove(EpollWatch watch, bool closes = false)
    {
        watch.Client = null;
        if (!ReferenceEquals(_watches[watch.Descriptor], watch))
            return; // displaced: the number and the slot are others' by now
        Debug.Assert(ReferenceEquals(_slots[watch.Slot].Watch, watch));
        FreeSlot((int)watch.Slot);
        _watches[watch.Descriptor] = null;
        // The kernel does it on close, unless another process or descriptor holds the socket too.
        if (!closes)
            _ = Libc.ControlEpoll(_epollDescriptor, EpollOperation.Remove, watch.Descriptor, EpollEvents.None, 0);
    }

    /// <summary>Waits for events, and queues the watches that have some.</summary>
    /// <param name="timeout">In ticks of 100 ns; 0 for not at all, -1 for ever.</param>
    public void Wait(long timeout)
    {
        // A program that only computes watches nothing, so nothing is to be told. Where nothing is to run, a thread may have woken the loop.
        if (timeout == 0 && !HasWatched && _loop.Ready.Count > 0)
            return;
        if (_lookout.IsDueBefore(timeout) && Look())
            return;
        Take(Libc.WaitEpoll(_epollDescriptor, Events, timeout));
    }

    /// <summary>Waits for events, on any thread, and keeps them for <see cref="TakeEvents"/>.</summary>
    /// <param name="timeout">In ticks of 100 ns; -1 for ever.</param>
    public void WaitForEvents(long timeout) => _count = Libc.WaitEpoll(_epollDescriptor, Events, timeout);

    /// <summary>Queues the watches for which <see cref="WaitForEvents"/> found events.</summary>
    public void TakeEvents()
    {
        var count = _count;
        _count = 0;
        Take(count);
    }

    private bool Look()
    {
        for (var i = 0; i < Looks; i++)
        {
            var count = Libc.WaitEpoll(_epollDescriptor, Events, 0);
            if (count == 0)
                continue;
            _lookout.Found();
            Take(count);
            return true;
        }
        _lookout.FoundNothing();
        return false;
    }

    private void Take(int count)
    {
        if (count < 0)
        {
            if (count != -Errno.EINTR) // the loop comes back with what is left of the time
                Check(count);
            return;
        }
        Handle(count);
    }

    /// <summary>Queues the watches for which events were fetched.</summary>
    /// <param name="count">How many events.</param>
    public void Handle(int count)
    {
        var events = Events.AsSpan();
        var isStray = false;
        for (var i = 0; i < count; i++)
        {
            var happened = EpollEvent.Read(events[(i * EpollEvent.Size)..], out var data);
            if (data == WakeUpData)
                continue;
            ref var slot = ref _slots[(uint)data];
            if (slot.Generation == (uint)(data >> 32))
                slot.Watch?.Signal(happened);
            else
                isStray = true;
        }
        if (isStray)
            NoteStray();
        else
            _strays = 0;
    }

    /// <summary>Lets <see cref="Wait"/> return; on any thread.</summary>
    public void WakeUp()
    {
        var held = false;
        try
        {
            _wakeUp.DangerousAddRef(ref held);
            _ = Libc.SignalEvent((int)_wakeUp.DangerousGetHandle());
        }
        catch (ObjectDisposedException)
        {
            // The loop was closed meanwhile: nobody waits.
        }
        finally
        {
            if (held)
                _wakeUp.DangerousRelease();
        }
    }

    /// <summary>Closes every descriptor that is watched, then the poller itself.</summary>
    public void Dispose()
    {
        for (var i = 0; i < _slotsUsed; i++)
            _slots[i].Watch?.Client?.OnLoopClosing();
        _epoll.Dispose();
        _wakeUp.Dispose();
    }

    private int Register(int epoll, int index, EpollWatch watch)
    {
        ref var slot = ref _slots[index];
        return Libc.ControlEpoll(epoll, EpollOperation.Add, watch.Descriptor, slot.Events, (ulong)slot.Generation << 32 | (uint)index);
    }

    // Edge-triggered, it need not be read: every write is a new event.
    private int AddWakeUp(int epoll) => Libc.ControlEpoll(
        epoll, EpollOperation.Add, (int)_wakeUp.DangerousGetHandle(), EpollEvents.Readable | EpollEvents.EdgeTriggered, WakeUpData);

    private int TakeSlot()
    {
        var index = _freeSlot;
        if (index != NoSlot)
        {
            _freeSlot = _slots[index].NextFree;
            return index;
        }
        if (_slotsUsed == _slots.Length)
            Array.Resize(ref _slots, _slotsUsed * 2);
        return _slotsUsed++;
    }

    private void FreeSlot(int index)
    {
        ref var slot = ref _slots[index];
        slot.Watch = null;
        slot.Generation++;
        slot.NextFree = _freeSlot;
        _freeSlot = index;
    }

    private static SafeFileHandle Own(int descriptor, string call) => descriptor >= 0
        ? new SafeFileHandle(descriptor, ownsHandle: true)
        : throw Errno.Exception(-descriptor, $"No event loop can be made, as {call} failed");

    private static void Check(int result)
    {
        if (result < 0)
            throw Errno.Exception(-result, "epoll failed");
    }
}
