namespace AsyncioSharp.LowLevel;

/// <summary>What the system sends a file on, by <see cref="FilePieces"/>.</summary>
internal interface IFileTarget
{
    EventLoop Loop { get; }

    /// <summary>Has the system send a part of a file, as much as it takes at once.</summary>
    /// <returns>How many bytes; 0 at the file's end; less than that if there is no room.</returns>
    /// <exception cref="SendfileNotAvailableException">It cannot.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The connection is lost.</exception>
    long SendNow(FileStream file, long offset, long count);

    Coroutine WaitForRoomAsync();
}
