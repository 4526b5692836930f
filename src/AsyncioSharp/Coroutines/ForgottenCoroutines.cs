using System.Collections.Concurrent;

namespace AsyncioSharp.CompilerServices;

/// <summary>Coroutines that were collected before anyone awaited them. Finalizers put them here; loops report them.</summary>
internal static class ForgottenCoroutines
{
    private static readonly ConcurrentQueue<CoroutineOrigin> s_found = new();

    public static void Add(CoroutineOrigin origin) => s_found.Enqueue(origin);

    public static bool TryTake(out string description)
    {
        if (s_found.TryDequeue(out var origin))
        {
            description = origin.Description;
            return true;
        }
        description = "";
        return false;
    }
}
