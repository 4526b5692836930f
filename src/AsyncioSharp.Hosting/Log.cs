using Microsoft.Extensions.Logging;

namespace AsyncioSharp.Hosting;

// Below 100 are the reports of loops (ReportKind).
internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Error, "Service {Service} has failed. It is started again in {Delay:F1} s; that is restart {Restart} in a row.",
        EventName = "ServiceRestarts")]
    public static partial void ServiceRestarts(ILogger logger, Exception exception, string service, int restart, double delay);

    [LoggerMessage(102, LogLevel.Debug, "Service {Service} has ended.", EventName = "ServiceEnded")]
    public static partial void ServiceEnded(ILogger logger, string service);

    [LoggerMessage(103, LogLevel.Error, "Service {Service} was cancelled and has not ended after {Seconds:F1} s. " +
        "It is left behind. What it waits for:\n{Tasks}", EventName = "ServiceNotStopped")]
    public static partial void ServiceNotStopped(ILogger logger, string service, double seconds, string tasks);

    [LoggerMessage(104, LogLevel.Error, "The tasks on loop {Loop} were cancelled and have not ended after {Seconds:F1} s." +
        "{Remark} They are left behind. What they wait for:\n{Tasks}", EventName = "LoopNotStopped")]
    public static partial void LoopNotStopped(ILogger logger, string loop, double seconds, string remark, string tasks);

    [LoggerMessage(105, LogLevel.Error, "The options of {Section} were changed and are not valid. The previous options stay in effect. {Reason}",
        EventName = "OptionsRefused")]
    public static partial void OptionsRefused(ILogger logger, Exception exception, string section, string reason);

    [LoggerMessage(
        106, LogLevel.Error, "Loop {Loop} cannot be run with its changed options, and goes on with the previous ones.", EventName = "ChangeRefused")]
    public static partial void ChangeRefused(ILogger logger, Exception exception, string loop);
}
