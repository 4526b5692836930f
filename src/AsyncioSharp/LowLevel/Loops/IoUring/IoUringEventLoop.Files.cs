using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.LowLevel;

public sealed partial class IoUringEventLoop
{
    private FileOperation? _spare;

    private protected override async Coroutine<int> ReadUncachedAsync(SafeFileHandle file, Memory<byte> buffer, long offset)
    {
        var count = await RunAsync(RingOpcode.Read, file, buffer, offset);
        if (count == FileOperation.NotDone)
            return await base.ReadUncachedAsync(file, buffer, offset);
        return count >= 0 ? count : throw Errno.FileException(-count, "The file cannot be read");
    }

    internal override async Coroutine WriteFileAsync(SafeFileHandle file, ReadOnlyMemory<byte> data, long offset)
    {
        while (!data.IsEmpty)
        {
            var count = await RunAsync(RingOpcode.Write, file, data, offset);
            if (count == FileOperation.NotDone)
            {
                await base.WriteFileAsync(file, data, offset);
                return;
            }
            if (count == 0)
                throw new IOException("The file cannot be written: the system takes nothing more.");
            if (count < 0)
                throw Errno.FileException(-count, "The file cannot be written");
            data = data[count..];
            offset += count;
        }
    }

    internal override async Coroutine FlushFileAsync(SafeFileHandle file)
    {
        var result = await RunAsync(RingOpcode.Synchronize, file, default, 0);
        if (result == FileOperation.NotDone)
            await base.FlushFileAsync(file);
        else if (result is < 0 and not (-Errno.EINVAL or -Errno.EROFS or -Errno.EOPNOTSUPP)) // as .NET has it: there is no disk behind it
            throw Errno.FileException(-result, "The file cannot be written to the disk");
    }

    // One object is kept for the next.
    private async Coroutine<int> RunAsync(RingOpcode opcode, SafeFileHandle file, ReadOnlyMemory<byte> buffer, long offset)
    {
        if (GetDriver() is not { } driver || !driver.Supports(opcode))
            return FileOperation.NotDone;
        var operation = _spare ?? new FileOperation(driver);
        _spare = null;
        try
        {
            return await operation.RunAsync(opcode, file, buffer, offset);
        }
        finally
        {
            _spare = operation;
        }
    }
}
