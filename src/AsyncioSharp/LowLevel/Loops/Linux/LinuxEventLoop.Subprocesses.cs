namespace AsyncioSharp.LowLevel;

public abstract partial class LinuxEventLoop
{
    private protected override ChildProcess StartProcess(ProcessStart start, PipeHandle?[] pipes) =>
        new PosixChild(this, start, PosixStart.Run(start, pipes));
}
