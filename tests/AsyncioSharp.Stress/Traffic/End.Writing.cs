namespace AsyncioSharp.Stress.Traffic;

internal sealed partial class End
{
    private int Size() => random.Next(8) switch
    {
        0 => 0,
        1 or 2 => random.Next(64),
        3 or 4 => random.Next(700),
        5 => random.Next(5000),
        6 => random.Next(20_000),
        _ => random.Next(Material.MaxPiece),
    };

    private async Coroutine WriteAsync(int steps)
    {
        for (var i = 0; i < steps && !IsAborted && !pair.IsAborted; i++)
            await StepAsync();
        _writer.Transport.ResumeReading();
    }

    private async Coroutine StepAsync()
    {
        switch (random.Next(17))
        {
            case 0:
            case 1:
                Write(Size());
                break;
            case 2:
                for (var i = random.Next(200); i > 0; i--)
                    Write(random.Next(64));
                break;
            case 3:
                Note("lines");
                List<ReadOnlyMemory<byte>> pieces = [];
                for (var i = random.Next(10); i > 0; i--)
                {
                    var size = Size() / 10;
                    pieces.Add(Material.At(_sent, size));
                    _sent += size;
                }
                _writer.WriteLines(pieces);
                break;
            case 4:
                Note("flush");
                _writer.Flush();
                break;
            case 5:
            case 6:
                Note("drain");
                await _writer.DrainAsync();
                break;
            case 7:
                await CanceledAsync(async () => await _writer.DrainAsync());
                break;
            case 8:
                await TurnsAsync();
                break;
            case 9:
                Note("tasks");
                await Asyncio.Gather(Enumerable.Range(0, 1 + random.Next(6)).Select(_ => WriteALittleAsync()));
                break;
            case 10:
                Note("callbacks");
                for (var i = random.Next(5); i > 0; i--)
                    EventLoop.Running.CallSoon(() => Write(random.Next(1000)));
                await Asyncio.Yield();
                await Asyncio.Yield();
                break;
            case 11:
                Note("pause");
                _writer.Transport.PauseReading();
                await TurnsAsync();
                if (random.Next(3) == 0)
                    Write(Size());
                _writer.Transport.ResumeReading();
                break;
            case 12:
                Note("limits");
                _writer.Transport.SetWriteBufferLimits(random.Next(3) switch { 0 => 0, 1 => random.Next(3000), _ => random.Next(200_000) });
                break;
            case 13:
                await SendFileAsync();
                break;
            case 14:
                if (random.Next(10) == 0)
                    Abort();
                break;
            default:
                if (!_hasUpgraded)
                    await MoveAsync();
                break;
        }
        if (random.Next(3) == 0)
            await Asyncio.Yield();
    }

    private void Write(int count)
    {
        Note($"write {count}");
        if (IsAborted)
            return;
        var data = Material.At(_sent, count);
        Volatile.Write(ref _sent, _sent + count);
        _writer.Write(data.Span);
    }

    private void Abort()
    {
        Note("abort");
        IsAborted = true;
        if (random.Next(2) == 0)
            EventLoop.Running.CallSoon(() => _writer.Transport.Abort());
        else
            _writer.Transport.Abort();
    }

    private async Coroutine WriteALittleAsync()
    {
        for (var i = random.Next(10); i > 0 && !IsAborted; i--)
        {
            Write(random.Next(random.Next(4) == 0 ? 3000 : 100));
            if (random.Next(3) == 0)
                await Asyncio.Yield();
            if (random.Next(5) == 0)
                await _writer.DrainAsync();
        }
    }

    private async Coroutine CanceledAsync(Func<Coroutine> what)
    {
        var task = Asyncio.CreateTask(what);
        await TurnsAsync();
        task.Cancel();
        try
        {
            await task;
        }
        catch (CanceledException) when (task.IsCanceled)
        {
        }
        Note("cancelled, or not");
    }

    private async Coroutine SendFileAsync()
    {
        if (!pair.TryTake())
            return;
        try
        {
            using var file = File.OpenRead(pair.FileName);
            if (random.Next(2) == 0)
                Write(random.Next(300));
            var count = 1 + Size();
            Note($"file {count}");
            if (random.Next(2) == 0)
                await SendFileAsync(file, count);
            else
                await CanceledAsync(() => SendFileAsync(file, count));
            if (random.Next(2) == 0)
                Write(random.Next(300));
        }
        finally
        {
            pair.Return();
        }
    }

    private async Coroutine SendFileAsync(FileStream file, int count)
    {
        var offset = file.Position = Material.OffsetOf(_sent);
        try
        {
            await EventLoop.Running.SendFileAsync(_writer.Transport, file, offset, count);
        }
        finally
        {
            Volatile.Write(ref _sent, _sent + file.Position - offset); // it tells also if that was cancelled
        }
    }
}
