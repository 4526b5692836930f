namespace AsyncioSharp.Http;

/// <summary>
/// The token of the task on whose behalf a response is read: of the current one, or, in code that a response has woken and
/// that is nobody's, of the last one that was.
/// </summary>
internal struct TaskToken(CancellationToken token)
{
    private CancellationToken _token = token;

    public CancellationToken Current => Asyncio.CurrentTask is null ? _token : _token = Asyncio.CancellationToken;
}
