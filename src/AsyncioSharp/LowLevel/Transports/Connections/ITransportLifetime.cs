namespace AsyncioSharp.LowLevel;

/// <summary>A transport, as its <see cref="TransportLifetime"/> sees it: what that has to know and asks for.</summary>
internal interface ITransportLifetime
{
    EventLoop Loop { get; }

    /// <summary>Who is told.</summary>
    BaseProtocol Protocol { get; }

    ref TransportLifetime Lifetime { get; }

    /// <summary>Whether something waits to be sent, or is being sent.</summary>
    bool IsSending { get; }

    /// <summary>Everything was sent, and it is to be closed. Does what remains to be done before it is lost.</summary>
    /// <returns>False if that takes time; the transport goes on by itself then.</returns>
    bool TryFinish() => true;

    /// <summary>Calls the protocol's <c>ConnectionMade</c>.</summary>
    void TellMade();

    /// <summary>It has begun and ends now: tells traces and events of it.</summary>
    void NoteEnd() { }

    /// <summary>Drops what waits to be sent.</summary>
    void DropUnsent();

    /// <summary>It is lost; the protocol will be told.</summary>
    void OnLost();

    /// <summary>Closes the socket, or whatever it is made of. Called once, when nothing more is to happen.</summary>
    void Release();

    /// <summary>The protocol was told of the end, and everything given back.</summary>
    void OnEnded();
}
