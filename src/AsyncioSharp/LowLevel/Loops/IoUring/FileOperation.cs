using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// Something that the kernel does with a file. From before it is submitted until its last completion the buffer is pinned and
/// the descriptor held.
/// </summary>
internal sealed class FileOperation : RingOperation
{
    /// <summary>The result of what was not done, and is to be done in another way.</summary>
    public const int NotDone = int.MinValue;

    private readonly IoUringDriver _driver;
    private readonly Wait _wait;
    private readonly Func<bool> _hasFailed;
    private RingOpcode _opcode;
    private SafeFileHandle? _file;
    private MemoryHandle _pin;
    private nint _address;
    private int _count;
    private long _offset;
    private int _result;

    public FileOperation(IoUringDriver driver)
    {
        _driver = driver;
        _wait = new Wait(this);
        _hasFailed = () => _result < 0 && _result != NotDone && !IsInterruption;
    }

    /// <summary>Has it done.</summary>
    /// <param name="opcode">What.</param>
    /// <param name="file">The file.</param>
    /// <param name="buffer">The buffer, if it takes one.</param>
    /// <param name="offset">Where in the file.</param>
    /// <returns>What the kernel says.</returns>
    /// <exception cref="CanceledException">The task was cancelled.</exception>
    public async Coroutine<int> RunAsync(RingOpcode opcode, SafeFileHandle file, ReadOnlyMemory<byte> buffer, long offset)
    {
        try
        {
            Hold(file, buffer);
            (_opcode, _count, _offset) = (opcode, buffer.Length, offset);
            _wait.Begin();
            _driver.Submit(this);
            await _wait.WaitAsync(_hasFailed);
            return _result;
        }
        finally
        {
            LetGo(); // if it has not begun
        }
    }

    public override bool HoldsMemory => true;

    private bool IsInterruption => _result is -Errno.ECANCELED or -Errno.EINTR or -Errno.EAGAIN;

    internal override SubmissionEntry Entry()
    {
        var descriptor = (int)_file!.DangerousGetHandle();
        return _opcode switch
        {
            RingOpcode.Read => SubmissionEntry.Read(descriptor, _address, _count, _offset),
            RingOpcode.Write => SubmissionEntry.Write(descriptor, _address, _count, _offset),
            _ => SubmissionEntry.Synchronize(descriptor),
        };
    }

    internal override void Completed(in CompletionEntry completion)
    {
        _result = completion.Result;
        if (IsInterruption && !IsCancelRequested)
        {
            _driver.Submit(this);
            return;
        }
        End();
    }

    internal override void Declined()
    {
        _result = NotDone;
        End();
    }

    // The loop is closed: the task never goes on.
    internal override void Dropped() => LetGo();

    // Not left to the task, which never goes on if the loop is closed before it does.
    private void End()
    {
        LetGo();
        _wait.End();
    }

    private void Hold(SafeFileHandle file, ReadOnlyMemory<byte> buffer)
    {
        _pin = buffer.Pin();
        _address = _pin.Address();
        var held = false;
        file.DangerousAddRef(ref held);
        _file = file;
    }

    private void LetGo()
    {
        _pin.Dispose();
        _pin = default;
        _file?.DangerousRelease();
        _file = null;
    }

    private sealed class Wait(FileOperation operation) : FileWait
    {
        public void Begin() => Reset();

        private protected override void OnCancelRequested()
        {
            if (IsOver || operation._driver.Cancel(operation))
                return;
            operation._result = -Errno.ECANCELED; // it was not submitted yet
            operation.End();
        }
    }
}
