using System.IO.Pipes;
using AsyncioSharp.LowLevel;
using AsyncioSharp.Tests.Transports;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.Tests.Faults;

/// <summary>A pipe with both of its ends on the loop, through which more goes than it holds.</summary>
internal sealed class PipeRun : FaultRun
{
    private const int Length = 300_000;
    private static readonly byte[] s_data = RandomBytes(Length);

    private readonly Recorder _reader = new();
    private readonly Recorder _writer = new();

    public override bool IsWhole => _reader.DataCount == Length;

    public override bool IsTold => base.IsTold || _reader.Reason is not null || _writer.Reason is not null;

    protected override async Coroutine MainAsync()
    {
        using var source = new AnonymousPipeServerStream(PipeDirection.Out);
        var loop = EventLoop.Running;
        var (reading, _) = await loop.ConnectReadPipeAsync(() => _reader, Take(source.ClientSafePipeHandle));
        try
        {
            var (writing, _) = await loop.ConnectWritePipeAsync(() => _writer, Take(source.SafePipeHandle));
            writing.Write(s_data);
            writing.Close();
            await UntilOnLoop(() => _reader.IsLost && _writer.IsLost);
        }
        finally
        {
            reading.Abort();
        }
    }

    protected override void Check()
    {
        Assert.True(s_data.AsSpan().StartsWith(_reader.Data), "Something was lost, came twice or in another order.");
        Assert.Matches("^(|made( data)?( eof)?( lost)?)$", _reader.Events);
        Assert.Matches("^(|made( pause)?( resume)?( lost)?)$", _writer.Events);
    }

    private static SafePipeHandle Take(SafePipeHandle handle)
    {
        var taken = new SafePipeHandle(handle.DangerousGetHandle(), ownsHandle: true);
        handle.SetHandleAsInvalid();
        return taken;
    }
}
