namespace AsyncioSharp.LowLevel;

/// <summary>The protocol of one of a subprocess's pipes, which tells the subprocess's own.</summary>
internal sealed class SubprocessPipe(SubprocessTransport owner, int descriptor) : Protocol
{
    public bool IsLost { get; private set; }

    public override void ConnectionMade(Transport transport)
    {
        // Nothing may come before the protocol was told of the process.
        if (descriptor != 0)
            transport.PauseReading();
    }

    public override void DataReceived(ReadOnlySpan<byte> data) => owner.OnPipeData(descriptor, data);

    public override void ConnectionLost(Exception? exception)
    {
        IsLost = true;
        owner.OnPipeLost(descriptor, exception);
    }

    public override void PauseWriting() => owner.GetProtocol().PauseWriting();

    public override void ResumeWriting() => owner.GetProtocol().ResumeWriting();
}
