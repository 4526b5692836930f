using System.Runtime.InteropServices;

namespace AsyncioSharp.LowLevel;

public sealed partial class PortableEventLoop
{
    private protected override void WatchReadiness(int descriptor, SafeHandle? handle, bool toWrite, Action callback) => throw new NotSupportedException(
        "PortableEventLoop cannot watch descriptors. For sockets there are SockReceiveAsync, SockSendAllAsync and their like; EpollEventLoop watches any.");

    private protected override bool UnwatchReadiness(int descriptor, SafeHandle? handle, bool toWrite) => false;
}
