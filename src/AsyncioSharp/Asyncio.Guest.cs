using AsyncioSharp.CompilerServices;

namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>
    /// Starts a program on a loop that is the guest of a host with a loop of its own, and returns
    /// (<c>asyncio.start_guest_run()</c>): the host's thread runs the program's callbacks among its own, and another thread waits
    /// for input, output and timers meanwhile.
    /// </summary>
    /// <param name="main">The program.</param>
    /// <param name="runOnHost">Has the host run an action on its thread, in its turn, and not inside this call; called on any
    /// thread. It throws if the host takes no more, which ends the run.</param>
    /// <param name="done">Called on the host's thread when everything has ended and the loop is closed.</param>
    /// <param name="options">How the loop is to be run. The first Ctrl-C cancels the program, unless they say otherwise.</param>
    /// <returns>The run.</returns>
    /// <exception cref="InvalidOperationException">A loop of this library runs on this thread, or the host takes nothing.</exception>
    public static GuestRun StartGuestRun(Func<Coroutine> main, Action<Action> runOnHost, Action<GuestRun>? done = null, RunnerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        ArgumentNullException.ThrowIfNull(runOnHost);
        return new GuestRun<VoidResult>(loop => loop.CreateTask(Call(main)), runOnHost, done, options);
    }

    /// <inheritdoc cref="StartGuestRun(Func{Coroutine}, Action{Action}, Action{GuestRun}?, RunnerOptions?)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    public static GuestRun<T> StartGuestRun<T>(
        Func<Coroutine<T>> main, Action<Action> runOnHost, Action<GuestRun<T>>? done = null, RunnerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        ArgumentNullException.ThrowIfNull(runOnHost);
        return new GuestRun<T>(loop => loop.CreateTask(Call(main)), runOnHost, done, options);
    }

    /// <inheritdoc cref="StartGuestRun(Func{Coroutine}, Action{Action}, Action{GuestRun}?, RunnerOptions?)"/>
    /// <param name="main">The program.</param>
    /// <param name="host">The host, by what .NET's graphical interfaces set on their thread: <see cref="SynchronizationContext.Current"/>
    /// there.</param>
    /// <param name="done">Called on the host's thread when everything has ended and the loop is closed.</param>
    /// <param name="options">How the loop is to be run. The first Ctrl-C cancels the program, unless they say otherwise.</param>
    public static GuestRun StartGuestRun(
        Func<Coroutine> main, SynchronizationContext host, Action<GuestRun>? done = null, RunnerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        return StartGuestRun(main, Post(host), done, options);
    }

    /// <inheritdoc cref="StartGuestRun(Func{Coroutine}, SynchronizationContext, Action{GuestRun}?, RunnerOptions?)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    public static GuestRun<T> StartGuestRun<T>(
        Func<Coroutine<T>> main, SynchronizationContext host, Action<GuestRun<T>>? done = null, RunnerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        return StartGuestRun(main, Post(host), done, options);
    }

    private static Action<Action> Post(SynchronizationContext host) =>
        action => host.Post(static action => ((Action)action!)(), action);
}
