using System.Diagnostics;
using System.Reflection;
using AsyncioSharp.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    // Of a stack in a report.
    private const int MostFrames = 50;

    private bool _debug;
    private bool _tracks;
    private ILogger? _logger;

    /// <summary>
    /// Whether mistakes are looked for that cost time to find (<c>loop.set_debug()</c>): use from the wrong thread,
    /// coroutines that nobody awaits, slow callbacks. The environment variable <c>ASYNCIOSHARP_DEBUG=1</c> turns it on.
    /// </summary>
    public bool Debug
    {
        get => _debug;
        set
        {
            if (value)
                Origins ??= new Origins(); // first: other threads that hand callbacks in look at the mode
            _debug = value;
            _checksThread = value || _guest is not null;
            _timesSteps = value; // a sample of metrics may lose an iteration
            UpdateTracking();
        }
    }

    /// <summary>Where things were made; null unless it was in debug mode.</summary>
    internal Origins? Origins { get; private set; }

    /// <summary>In debug mode, a callback that takes as long as this is reported (<c>loop.slow_callback_duration</c>).</summary>
    public TimeSpan SlowCallbackDuration { get; set; } = new(100 * TimeSpan.TicksPerMillisecond);

    /// <summary>Where the loop writes what it has to report; by default, the standard error.</summary>
    public ILogger Logger
    {
        get => _logger ?? NullLogger.Instance;
        set => _logger = value;
    }

    /// <summary>
    /// Called with what nobody else can be told (<c>loop.set_exception_handler()</c>): failed callbacks, exceptions that
    /// nobody retrieved. Null for <see cref="DefaultExceptionHandler"/>. What comes too late for a loop that has closed, such as the failure of
    /// a function in its executor, is told on the thread on which it happened, which may be any.
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
        if (context is { Future: { } future, Kind: not (ReportKind.TaskNeverEnded or ReportKind.CancellationUnanswered) }) // that one shows it anyway
            text += $" {future}";
        if (context.Callback is { } callback)
            text += $" Callback: {callback}";
        if (context.Source is { } source)
            text += $" Source: {source}";
        if (context.SourceTraceback is { } origin)
            text += $"{Environment.NewLine}It was made here:{Environment.NewLine}{Origins.Text(origin)}";
        var report = new LogReport(text);
        report.Add("Message", context.Message);
        report.Add("Task", context.TaskName ?? (context.Future as AsyncioTask)?.Name);
        report.Add("Future", context.Future?.ToString());
        report.Add("Callback", context.Callback);
        report.Add("Source", context.Source?.ToString());
        report.Add("SourceTraceback", context.SourceTraceback is { } frames ? Origins.Text(frames) : null);
        var level = context.Kind is ReportKind.CoroutineNeverAwaited or ReportKind.NeverClosed or ReportKind.SlowCallback
            ? LogLevel.Warning
            : LogLevel.Error;
        Report(level, text, context.Exception, context.Kind, report);
    }

    internal void Report(LogLevel level, string text, Exception? exception = null, ReportKind kind = ReportKind.Other, LogReport? report = null)
    {
        try
        {
            if (!ReferenceEquals(Logger, NullLogger.Instance))
            {
                report ??= new LogReport(text);
                report.Add("Loop", Name);
                Logger.Log(level, new EventId((int)kind, kind.ToString()), report, exception, static (report, _) => report.ToString());
            }
            else
            {
                ReportToStandardError(text, exception);
            }
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

    private void ReportAbandoned(bool collect)
    {
        if (collect && _debug)
        {
            // What was forgotten last is not collected yet; at the end of a debug run it is worth looking for.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        UnretrievedFailures.ReportAbandoned(this);
        while (ForgottenCoroutines.TryTake(out var description) || (_debug && ForgottenCoroutines.Homeless.TryTake(out description)))
            ReportNeverAwaited(description);
    }

    private void ReportNeverAwaited(string description) =>
        CallExceptionHandler(new ExceptionContext($"The {description}") { Kind = ReportKind.CoroutineNeverAwaited });

    /// <summary>In debug mode: the loop closes while tasks wait, which will never go on.</summary>
    private void ReportPendingTasks()
    {
        if (!_debug)
            return;
        foreach (var task in AllTasks())
            ReportPending(task);
    }

    private void ReportPending(AsyncioTask task)
    {
        CallExceptionHandler(new ExceptionContext(
            $"Task '{task.Name}' had not ended when its loop was closed, and never will. " +
            $"Cancel it before, and wait for it.{Environment.NewLine}{new CallGraphCapture(limit: MostFrames).Capture(task, skip: 0)}")
        {
            Kind = ReportKind.TaskNeverEnded,
            Future = task,
            TaskName = task.Name,
            SourceTraceback = Origins?.Of(task),
        });
    }

    /// <summary>In debug mode: the loop closes, and gives back a connection or server that the program has left open.</summary>
    internal void ReportNeverClosed(object source)
    {
        if (!_debug)
            return;
        CallExceptionHandler(new ExceptionContext("Something was not closed before its event loop was: close it, or declare it with 'await using'.")
        {
            Kind = ReportKind.NeverClosed,
            Source = source,
            SourceTraceback = Origins?.Of(source),
        });
    }

    private void ReportFailedCallback(object? item, Exception exception) =>
        CallExceptionHandler(new ExceptionContext("An exception was thrown in a callback.")
        {
            Kind = ReportKind.CallbackFailed,
            Exception = exception,
            Callback = Describe(item),
            SourceTraceback = Origins?.Of(item),
        });

    private void RunTimed(object item)
    {
        if (!_debug)
        {
            RunSampled(item);
            return;
        }
        var start = Stopwatch.GetTimestamp();
        // Where the step begins: afterwards the coroutine is elsewhere, or has ended.
        var machine = (item as AsyncioTask)?.InnermostFrame?.StateMachineCopy;
        try
        {
            RunSampled(item);
        }
        finally
        {
            var taken = Stopwatch.GetElapsedTime(start);
            if (taken >= SlowCallbackDuration)
                ReportSlow(item, taken, machine is null ? null : StateMachines.Frame(machine));
        }
    }

    private void ReportSlow(object item, TimeSpan taken, CallGraphFrame? from)
    {
        var text = $"{Describe(item)} took {taken.TotalSeconds:F3} s; nothing else could run meanwhile. Move long computations to Asyncio.ToThread.";
        if (from is not null)
            text += $"{Environment.NewLine}It went on from here:{Environment.NewLine}   {from}";
        if ((item as AsyncioTask)?.GetStack(MostFrames) is { Count: > 0 } stack)
            text += $"{Environment.NewLine}And came to here:{Environment.NewLine}   {string.Join($"{Environment.NewLine}   ", stack)}";
        if (Origins?.Of(item) is { } origin)
            text += $"{Environment.NewLine}It was made here:{Environment.NewLine}{Origins.Text(origin)}";
        var report = new LogReport(text);
        report.Add("Seconds", taken.TotalSeconds);
        report.Add("Task", (item as AsyncioTask)?.Name);
        report.Add("Callback", Describe(item));
        report.Add("Coroutine", from?.Method);
        Report(LogLevel.Warning, text, null, ReportKind.SlowCallback, report);
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
