namespace AsyncioSharp.LowLevel;

/// <summary>Receives on a connection again and again, each time into one of the loop's buffers.</summary>
internal sealed class IoUringReceive(IoUringTransport transport, int descriptor) : RingOperation
{
    internal override SubmissionEntry Entry() =>
        Faults.Strike("recv") ? SubmissionEntry.Failure() : SubmissionEntry.Receive(descriptor, ReceiveBuffers.Group);

    internal override void Completed(in CompletionEntry completion) => transport.OnReceived(completion);

    internal override void Declined() => transport.OnDeclined();
}
