using System.Runtime.CompilerServices;

namespace AsyncioSharp.Tests.Faults;

/// <summary>
/// Which system call of a loop fails: one kind, with one error, at one of its calls in turn. It holds for the loops of the
/// thread that sets it, so that tests beside it are not struck.
/// </summary>
internal sealed class FaultPlan : IDisposable
{
    [ThreadStatic]
    private static FaultPlan? t_current;

    private readonly string[] _calls;
    private readonly int _error;
    private readonly int _at;
    private readonly int _length;

    /// <summary>Makes it hold until it is disposed of.</summary>
    /// <param name="calls">The system call, or several of one kind, by their names.</param>
    /// <param name="error">The error number.</param>
    /// <param name="at">Which of the calls is the first that fails, from 1; 0 for none, to count them.</param>
    /// <param name="length">How many fail in a row.</param>
    public FaultPlan(string calls, int error, int at, int length = 1)
    {
        (_calls, _error, _at, _length) = (calls.Split(' '), error, at, length);
        t_current = this;
    }

    /// <summary>How often it was called.</summary>
    public int Count { get; private set; }

    /// <summary>Called before each of the calls is made, with its number.</summary>
    public Action<int>? OnCall { get; init; }

    /// <summary>Whether a call failed.</summary>
    public bool HasStruck => _at > 0 && Count >= _at;

    public void Dispose() => t_current = null;

    // Before the first loop is made, as the library looks once.
    [ModuleInitializer]
    internal static void Install() => AppContext.SetData("AsyncioSharp.Faults", (Func<string, int>)Next);

    private static int Next(string call) => t_current is { } plan && plan._calls.Contains(call) ? plan.Next() : 0;

    private int Next()
    {
        Count++;
        OnCall?.Invoke(Count);
        return _at > 0 && Count >= _at && Count < _at + _length ? _error : 0;
    }
}
