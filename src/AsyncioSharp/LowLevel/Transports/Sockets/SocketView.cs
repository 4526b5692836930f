using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>A second <see cref="Socket"/> for whoever wants to look at the options of a transport's, made when it is first
/// asked for. Disposing of it does no harm.</summary>
internal struct SocketView
{
    private Socket? _view;

    /// <summary>The view of a socket that is open.</summary>
    public Socket Of(Socket socket) => Of(socket.SafeHandle);

    /// <summary>The view of a socket's handle that is open.</summary>
    public Socket Of(SafeSocketHandle handle) => _view ??= new Socket(new SafeSocketHandle(handle.DangerousGetHandle(), ownsHandle: false));

    public readonly void Dispose() => _view?.Dispose();
}
