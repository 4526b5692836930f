namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>tmp</summary>
    public static async Coroutine Wait(IEnumerable<Future> futures) { foreach (var f in futures) { try { await f; } catch (Exception) { } } }
}
