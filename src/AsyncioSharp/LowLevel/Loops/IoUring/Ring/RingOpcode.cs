namespace AsyncioSharp.LowLevel;

/// <summary>What a submission asks for.</summary>
internal enum RingOpcode : byte
{
    Nothing = 0,
    Synchronize = 3,
    PollAdd = 6,
    Cancel = 14,
    Read = 22,
    Write = 23,
    Send = 26,
    Receive = 27,
    SendZeroCopy = 47,
    EpollWait = 59,
}
