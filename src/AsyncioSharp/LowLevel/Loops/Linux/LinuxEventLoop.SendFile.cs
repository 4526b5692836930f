using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

public abstract partial class LinuxEventLoop
{
    private protected override Coroutine<long> SendFileNativelyAsync(Socket socket, FileStream file, long offset, long? count)
    {
        MakeNonBlocking(socket);
        return FilePieces.SendAsync(new FileSocket(this, socket), file, offset, count);
    }

    private sealed class FileSocket(LinuxEventLoop loop, Socket socket) : IFileTarget
    {
        public EventLoop Loop => loop;

        public long SendNow(FileStream file, long offset, long count)
        {
            using var descriptor = new HeldDescriptor(socket.SafeHandle);
            return SendFileResult.Check(Libc.SendFile(descriptor.Number, file.SafeFileHandle, offset, count));
        }

        public Coroutine WaitForRoomAsync() => loop.WaitWritableAsync(socket);
    }
}
