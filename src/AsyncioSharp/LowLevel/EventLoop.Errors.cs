using System.Diagnostics;
using System.Reflection;
using AsyncioSharp.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    private bool _debug;
    private bool _tracks;

    /// <summary>
    /// Whether mistakes are looked for that cost time to find (<c>loop.set_debug()</c>): use from the wrong thread,
    /// coroutines that nobody awaits, slow callbacks. The environment variable <c>ASYNCIOSHARP_DEBUG=1</c> turns it on.
    /// </summary>
    public bool Debug
    {
        get => _debug;
        set
        {
            _debug = value;
            UpdateTracking();
        }
    }

    /// <summary>In debug mode, a callback that takes as long as this is reported (<c>loop.slow_callback_duration</c>).</summary>
    public TimeSpan SlowCallbackDuration { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Where the loop writes what it has to report; by default, the standard error.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>
    /// Called with what nobody else can be told (<c>loop.set_exception_handler()</c>): failed callbacks, exceptions that
    /// nobody retrieved. Null for <see cref="DefaultExceptionHandler"/>.
    /// </summary>
    public Action<EventLoop, ExceptionContext>? ExceptionHandler { get; set; }

    /// <summary>Tells the exception handler of something (<c>loop.call_exception_handler()</c>). It does not throw.</summary>
    /// <param name="context">What happened.</param>
    public void CallExceptionHandler(ExceptionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            if (ExceptionHandler is { } handler)
                handler(this, context);
            else
                DefaultExceptionHandler(context);
        }
        catch (Exception e)
        {
            DefaultExceptionHandler(new ExceptionContext($"The exception handler failed while it was told: {context.Message}")
            {
                Exception = context.Exception is null ? e : new AggregateException(e, context.Exception),
            });
        }
    }

    /// <summary>Logs what happened (<c>loop.default_exception_handler()</c>).</summary>
    /// <param name="context">What happened.</param>
    public void DefaultExceptionHandler(ExceptionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var text = context.Message;
        if (context.Future is { } future)
            text += $" {future}";
        if (context.Callback is { } callback)
            text += $" Callback: {callback}";
        if (context.Source is { } source)
            text += $" Source: {source}";
        Report(LogLevel.Error, text, context.Exception);
    }

    internal void Report(LogLevel level, string text, Exception? exception = null)
    {
        try
        {
            if (!ReferenceEquals(Logger, NullLogger.Instance))
                Logger.Log(level, exception, "{Report}", text);
            else
                ReportToStandardError(text, exception);
        }
        catch (Exception e)
        {
            // A logger that fails must not end the loop, nor keep what it was told.
            ReportToStandardError($"The logger failed: {e.Message} It was told: {text}", exception);
        }
    }

    private static void ReportToStandardError(string text, Exception? exception)
    {
        try
        {
            Console.Error.WriteLine(exception is null ? $"asyncio: {text}" : $"asyncio: {text}{Environment.NewLine}{exception}");
        }
        catch (IOException)
        {
            // There is nowhere left to tell it: no descriptor to open the standard error with, or nobody at its other end.
        }
    }

    private void UpdateTracking()
    {
        var track = _debug && IsRunning;
        if (track == _tracks)
            return;
        _tracks = track;
        if (track)
            CoroutineOrigin.BeginTracking();
        else
            CoroutineOrigin.EndTracking();
    }

    private void ReportForgotten(bool collect)
    {
        if (collect && _debug)
        {
            // What was forgotten last is not collected yet; at the end of a debug run it is worth looking for.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        UnretrievedFailures.ReportAbandoned(this);
        while (ForgottenCoroutines.TryTake(out var description))
            CallExceptionHandler(new ExceptionContext($"The {description}"));
    }

    private void ReportFailedCallback(object? item, Exception exception) =>
        CallExceptionHandler(new ExceptionContext("An exception was thrown in a callback.")
        {
            Exception = exception,
            Callback = Describe(item),
        });

    private void RunTimed(object item)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            RunItem(item);
        }
        finally
        {
            var taken = Stopwatch.GetElapsedTime(start);
            if (taken >= SlowCallbackDuration)
                Report(LogLevel.Warning, $"{Describe(item)} took {taken.TotalSeconds:F3} s; nothing else could run meanwhile. Move long computations to Asyncio.ToThread.");
        }
    }

    private static string Describe(object? item) => item switch
    {
        Delegate callback => Describe(callback.Method),
        DoneCallback done => Describe(done.Callback.Method),
        Runnable { UserCallback: { } callback } => Describe(callback.Method),
        AsyncioTask task => task.ToString(),
        null => "a callback",
        _ => item.GetType().Name,
    };

    private static string Describe(MethodInfo method) => $"{method.DeclaringType?.FullName}.{method.Name}";
}
