using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace AsyncioSharp.LowLevel;

/// <summary>The plain side of a TLS connection over another transport.</summary>
internal sealed class TlsTransport(TlsProtocol layer, Transport carrier) : Transport
{
    public override bool IsClosing => layer.IsClosing;

    public override bool IsReading => layer.IsReading;

    public override int WriteBufferSize => carrier.WriteBufferSize;

    public override WriteBufferLimits WriteBufferLimits => carrier.WriteBufferLimits;

    /// <summary>TLS has no half-closed connections.</summary>
    public override bool CanWriteEof => false;

    internal override void NoteRefused() => layer.NoteRefused();

    internal override Exception? WriteFailure => layer.IsCut ? TlsProtocol.CutException() : null;

    internal override bool IsWritingPaused => carrier.IsWritingPaused;

    public override EndPoint? LocalEndPoint => carrier.LocalEndPoint;

    public override EndPoint? RemoteEndPoint => carrier.RemoteEndPoint;

    public override Socket? Socket => carrier.Socket;

    public override SslStream SslStream => layer.Ssl;

    public override StreamProtocol GetProtocol() => layer.Application;

    public override void SetProtocol(StreamProtocol protocol) => layer.SetApplication(protocol);

    public override void Write(ReadOnlySpan<byte> data) => layer.Write(data);

    public override void Flush() => carrier.Flush();

    public override void WriteEof() => throw new NotSupportedException("TLS has no half-closed connections: close the transport instead.");

    public override void Close() => layer.Close();

    public override void Abort() => layer.Abort(null);

    public override void PauseReading()
    {
        EndHold();
        layer.PauseReading();
    }

    public override void ResumeReading()
    {
        EndHold();
        layer.ResumeReading();
    }

    internal override void TellEof() => layer.TellEof();

    public override void SetWriteBufferLimits(int? high = null, int? low = null) => carrier.SetWriteBufferLimits(high, low);

    public override string ToString() => $"<TLS over {carrier}>";
}
