namespace AsyncioSharp.LowLevel;

public sealed partial class EpollEventLoop
{
    private protected override ChildProcess StartProcess(ProcessStart start, PipeHandle?[] pipes) =>
        new PosixChild(this, start, PosixStart.Run(start, pipes));
}
