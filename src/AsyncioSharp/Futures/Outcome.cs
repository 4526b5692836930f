using System.Runtime.ExceptionServices;

namespace AsyncioSharp;

/// <summary>How something ended: with a value, with an exception, or cancelled.</summary>
/// <typeparam name="T">The value's type.</typeparam>
public readonly struct Outcome<T>
{
    private readonly T _value;

    internal Outcome(T value)
    {
        _value = value;
        Exception = null;
    }

    internal Outcome(Exception exception)
    {
        _value = default!;
        Exception = exception;
    }

    /// <summary>Whether there is a value.</summary>
    public bool IsSuccess => Exception is null;

    /// <summary>Whether it was cancelled; <see cref="Exception"/> is a <see cref="CanceledException"/> then.</summary>
    public bool IsCanceled => Exception is CanceledException;

    /// <summary>The exception; null if there is a value.</summary>
    public Exception? Exception { get; }

    /// <summary>The value. Without one, the exception is thrown.</summary>
    public T Value
    {
        get
        {
            if (Exception is not null)
                ExceptionDispatchInfo.Throw(Exception);
            return _value;
        }
    }

    /// <summary>The value or the exception, in words.</summary>
    public override string ToString() => Exception is null ? $"{_value}" : $"{Exception.GetType().Name}: {Exception.Message}";
}
