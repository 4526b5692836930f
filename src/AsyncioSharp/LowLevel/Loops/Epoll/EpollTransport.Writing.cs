using Microsoft.Extensions.Logging;

namespace AsyncioSharp.LowLevel;

// Writing: the kernel is asked at once, and what it does not take waits for an event that says it has room again.
internal sealed partial class EpollTransport
{
    private const int DropsUntilReport = 5;

    private WriteBacklog _backlog;
    private WriteBufferLimits _limits = WriteBufferLimits.Default;
    private int _drops;

    public override int WriteBufferSize => _backlog.Length;

    public override WriteBufferLimits WriteBufferLimits => _limits;

    public override void SetWriteBufferLimits(int? high = null, int? low = null)
    {
        _loop.CheckThread();
        _limits = WriteBufferLimits.Of(high, low);
        PauseWritingIfFull();
    }

    public override void Write(ReadOnlySpan<byte> data)
    {
        _loop.CheckThread();
        if ((_state & TransportState.NotWriting) != 0)
        {
            WriteTooLate();
            return;
        }
        if (_backlog.IsEmpty)
        {
            if (data.IsEmpty)
                return;
            var sent = Libc.Send(_descriptor, data);
            if (sent == data.Length)
                return;
            if (sent > 0)
                data = data[sent..];
            else if (sent != -Errno.EAGAIN)
            {
                ForceClose(Errno.Exception(-sent, "Sending failed"));
                return;
            }
        }
        _backlog.Append(data);
        PauseWritingIfFull();
    }

    public override void WriteEof()
    {
        _loop.CheckThread();
        if ((_state & TransportState.NotWriting) != 0)
            return;
        _state |= TransportState.EofWritten;
        if (_backlog.IsEmpty)
            _ = Libc.ShutdownSending(_descriptor); // if it fails, the connection is lost, which reading will tell
    }

    private void WriteTooLate()
    {
        if ((_state & TransportState.EofWritten) != 0)
            throw new InvalidOperationException("WriteEof was called: nothing can be written after the end.");
        if (++_drops == DropsUntilReport && _loop.Debug)
            _loop.Report(LogLevel.Warning, $"Data is written to {this}, which is closed: it is dropped. Look at IsClosing, or await DrainAsync, which throws.");
    }

    private void Flush()
    {
        while (!_backlog.IsEmpty)
        {
            var front = _backlog.Front;
            var sent = Libc.Send(_descriptor, front);
            if (sent < 0)
            {
                if (sent != -Errno.EAGAIN)
                {
                    ForceClose(Errno.Exception(-sent, "Sending failed"));
                    return;
                }
                break;
            }
            var all = sent == front.Length;
            _backlog.Advance(sent);
            if (!all)
                break; // the kernel has no room; it tells when it has
        }
        ResumeWritingIfDrained(); // which may write, or close
        if (!_backlog.IsEmpty || (_state & TransportState.Lost) != 0)
            return;
        if (IsClosing)
            Lose(null);
        else if ((_state & TransportState.EofWritten) != 0)
            _ = Libc.ShutdownSending(_descriptor);
    }

    private void PauseWritingIfFull()
    {
        if (_backlog.Length <= _limits.High || (_state & TransportState.WritingPaused) != 0)
            return;
        _state |= TransportState.WritingPaused;
        try
        {
            _protocol.PauseWriting();
        }
        catch (Exception e)
        {
            Report("PauseWriting failed", e);
        }
    }

    private void ResumeWritingIfDrained()
    {
        if (_backlog.Length > _limits.Low || (_state & TransportState.WritingPaused) == 0)
            return;
        _state &= ~TransportState.WritingPaused;
        try
        {
            _protocol.ResumeWriting();
        }
        catch (Exception e)
        {
            Report("ResumeWriting failed", e);
        }
    }
}
