using AsyncioSharp.LowLevel;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp;

/// <summary>
/// A file that is read and written without holding up the loop, which asyncio has not. On a loop over io_uring the system
/// does it by itself; on others it is done on .NET's thread pool.
/// </summary>
/// <remarks>
/// Reads and writes at an offset may run beside each other. Those without one begin at <see cref="Position"/>, one at a time.
/// A task that is cancelled while it reads or writes goes on with that only once the system has let go of its buffer.
/// It is used on the thread of the loop on which it was opened.
/// </remarks>
public sealed partial class AsyncFile : IAsyncDisposable
{
    // The last one has no name; Windows knows it as the option not to buffer, and .NET lets it pass.
    private const FileOptions AllOptions = FileOptions.WriteThrough | FileOptions.Asynchronous | FileOptions.RandomAccess | FileOptions.DeleteOnClose
        | FileOptions.SequentialScan | FileOptions.Encrypted | (FileOptions)0x20000000;

    private readonly EventLoop _loop;
    private readonly SafeFileHandle _handle;
    private readonly FileAccess _access;
    private readonly ParkingLot _idle;
    private long _position;
    private int _pending;
    private bool _isMoving;
    private bool _isClosed;

    private AsyncFile(EventLoop loop, SafeFileHandle handle, string path, FileAccess access)
    {
        _loop = loop;
        _handle = handle;
        _access = access;
        _idle = new ParkingLot(this, "the end of what is done with ");
        Path = path;
    }

    /// <summary>The path by which it was opened.</summary>
    public string Path { get; }

    /// <summary>Whether it can be read.</summary>
    public bool CanRead => (_access & FileAccess.Read) != 0;

    /// <summary>Whether it can be written.</summary>
    public bool CanWrite => (_access & FileAccess.Write) != 0;

    /// <summary>Its descriptor, which remains the file's.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public SafeFileHandle Handle
    {
        get
        {
            CheckOpen();
            return _handle;
        }
    }

    /// <summary>Where the next read or write begins that is given no offset, in bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    /// <exception cref="InvalidOperationException">It is set while such a read or write runs.</exception>
    public long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            CheckOpen();
            CheckNotMoving();
            _position = value;
        }
    }

    /// <summary>How long it is now, in bytes.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public long Length
    {
        get
        {
            CheckOpen();
            return RandomAccess.GetLength(_handle);
        }
    }

    /// <summary>Opens a file, on another thread.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mode">Whether it is to exist, or to be made.</param>
    /// <param name="access">Whether it is to be read or written; by default read, or with a mode that makes files or appends, written.</param>
    /// <param name="share">What others may do with it meanwhile.</param>
    /// <param name="options">Hints for the system.</param>
    /// <returns>The file. With <c>await using</c> it is closed at the end of the block.</returns>
    /// <exception cref="ArgumentException">The path is empty or contains a null character, or mode and access do not go together.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such mode, access, share or option.</exception>
    /// <exception cref="InvalidOperationException">No loop runs on this thread.</exception>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened so, or is a directory.</exception>
    /// <exception cref="NotSupportedException">It is a pipe, a terminal or the like: those are for
    /// <see cref="EventLoop.ConnectReadPipeAsync{TProtocol}(Func{TProtocol}, System.Runtime.InteropServices.SafeHandle)"/> and
    /// <see cref="EventLoop.ConnectWritePipeAsync{TProtocol}(Func{TProtocol}, System.Runtime.InteropServices.SafeHandle)"/>.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static Coroutine<AsyncFile> OpenAsync(
        string path, FileMode mode = FileMode.Open, FileAccess? access = null,
        FileShare share = FileShare.Read, FileOptions options = FileOptions.None)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0'))
            throw new ArgumentException("A path cannot contain a null character.", nameof(path));
        var accessed = access ?? (mode == FileMode.Open ? FileAccess.Read : FileAccess.Write);
        CheckExist(mode, accessed, share, options);
        CheckMode(mode, accessed);
        return OpenCoreAsync(path, mode, accessed, share, options);
    }

    /// <summary>Waits until what was written is on the disk (<c>os.fsync()</c>).</summary>
    /// <exception cref="IOException">The disk has failed.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public Coroutine FlushAsync()
    {
        CheckOpen();
        return FlushCoreAsync();
    }

    /// <summary>Cuts the file, or makes it longer by zeros (<c>os.truncate()</c>).</summary>
    /// <param name="length">How long it is to be, in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    /// <exception cref="NotSupportedException">It was not opened to be written.</exception>
    /// <exception cref="IOException">There is no room.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public Coroutine SetLengthAsync(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        CheckWritable();
        return SetLengthCoreAsync(length);
    }

    /// <summary>Waits for what is being read and written, and closes the file. What was written is the system's, and not yet on
    /// the disk: see <see cref="FlushAsync"/>.</summary>
    public async Coroutine DisposeAsync()
    {
        _loop.CheckThread();
        _isClosed = true;
        try
        {
            while (_pending > 0)
                await _idle.WaitAsync();
        }
        finally
        {
            _handle.Dispose(); // those that run hold it
        }
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    /// <inheritdoc/>
    public override string ToString() => $"<AsyncFile {Path}{(_isClosed ? " closed" : "")}>";

    private static async Coroutine<AsyncFile> OpenCoreAsync(string path, FileMode mode, FileAccess access, FileShare share, FileOptions options)
    {
        var loop = EventLoop.Running;
        SafeFileHandle? opened = null;
        try
        {
            await loop.OnThreadAsync(static state => state.Opened(Open(state.Path, state.Mode, state.Access, state.Share, state.Options)),
                (Path: path, Mode: mode, Access: access, Share: share, Options: options, Opened: (Func<SafeFileHandle, bool>)Keep));
            var file = new AsyncFile(loop, opened!, path, access);
            if (mode == FileMode.Append)
                file._position = file.Length;
            return file;
        }
        catch
        {
            opened?.Dispose(); // the task was cancelled meanwhile
            throw;
        }

        bool Keep(SafeFileHandle handle)
        {
            opened = handle;
            return true;
        }
    }

    // What has no offsets would be read by io_uring, and by nothing else. A named pipe is not even opened, as that waits for somebody at its
    // other end, and lets him go on.
    private static SafeFileHandle Open(string path, FileMode mode, FileAccess access, FileShare share, FileOptions options)
    {
        if (OperatingSystem.IsLinux() && Libc.IsPipe(path))
            throw NoOffsets(path);
        var handle = File.OpenHandle(path, mode, access, share, options);
        if (HasOffsets(handle))
            return handle;
        handle.Dispose();
        throw NoOffsets(path);
    }

    private static bool HasOffsets(SafeFileHandle handle)
    {
        try
        {
            _ = RandomAccess.GetLength(handle);
            return true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
        catch (IOException)
        {
            return true; // a device, of which only that is not known
        }
    }

    private static NotSupportedException NoOffsets(string path) => new(
        $"'{path}' is a pipe, a terminal or the like, which has no offsets at which it could be read or written. " +
        $"Open it with {nameof(File)}.{nameof(File.OpenHandle)}, and give that to the loop's {nameof(EventLoop.ConnectReadPipeAsync)} or " +
        $"{nameof(EventLoop.ConnectWritePipeAsync)}.");

    // As .NET would, which is asked on another thread only.
    private static void CheckExist(FileMode mode, FileAccess access, FileShare share, FileOptions options)
    {
        if (!Enum.IsDefined(mode))
            throw new ArgumentOutOfRangeException(nameof(mode), mode, $"There is no such {nameof(FileMode)}.");
        if (!Enum.IsDefined(access))
            throw new ArgumentOutOfRangeException(nameof(access), access, $"There is no such {nameof(FileAccess)}.");
        if ((share & ~(FileShare.ReadWrite | FileShare.Delete | FileShare.Inheritable)) != 0)
            throw new ArgumentOutOfRangeException(nameof(share), share, $"There is no such {nameof(FileShare)}.");
        if ((options & ~AllOptions) != 0)
            throw new ArgumentOutOfRangeException(nameof(options), options, $"There are no such {nameof(FileOptions)}.");
    }

    private static void CheckMode(FileMode mode, FileAccess access)
    {
        if (mode == FileMode.Append && access != FileAccess.Write)
        {
            throw new ArgumentException(
                $"A file is opened with {nameof(FileMode)}.{mode} to be written only. " +
                $"Leave the access out, or open it with {nameof(FileMode)}.{nameof(FileMode.OpenOrCreate)}.", nameof(access));
        }
        if (mode is FileMode.Create or FileMode.CreateNew or FileMode.Truncate && access == FileAccess.Read)
        {
            throw new ArgumentException(
                $"{nameof(FileMode)}.{mode} writes to the file: open it with {nameof(FileAccess)}.{nameof(FileAccess.ReadWrite)}.", nameof(access));
        }
    }

    private async Coroutine FlushCoreAsync()
    {
        Begin();
        try
        {
            await _loop.FlushFileAsync(_handle);
        }
        finally
        {
            End();
        }
    }

    private async Coroutine SetLengthCoreAsync(long length)
    {
        Begin();
        try
        {
            await _loop.OnThreadAsync(static state =>
            {
                RandomAccess.SetLength(state.Handle, state.Length);
                return true;
            }, (Handle: _handle, Length: length));
        }
        finally
        {
            End();
        }
    }

    private void Begin()
    {
        CheckOpen(); // a coroutine may be awaited later than it was made
        _pending++;
    }

    private void End()
    {
        if (--_pending == 0)
            _idle.WakeAll();
    }

    private void BeginMove()
    {
        Begin();
        if (_isMoving)
        {
            _pending--;
            CheckNotMoving();
        }
        _isMoving = true;
    }

    private void EndMove()
    {
        _isMoving = false;
        End();
    }

    private void CheckNotMoving()
    {
        if (_isMoving)
            throw new InvalidOperationException($"{this} is being read or written at its position already. Await that first, or give an offset.");
    }

    private void CheckOpen()
    {
        _loop.CheckThread();
        ObjectDisposedException.ThrowIf(_isClosed, this);
    }

    private void CheckReadable()
    {
        CheckOpen();
        if (!CanRead)
            throw new NotSupportedException($"{this} was opened for writing only. Open it with {nameof(FileAccess)}.{nameof(FileAccess.ReadWrite)}.");
    }

    private void CheckWritable()
    {
        CheckOpen();
        if (!CanWrite)
            throw new NotSupportedException($"{this} was opened for reading only. Open it with {nameof(FileAccess)}.{nameof(FileAccess.ReadWrite)}.");
    }
}
