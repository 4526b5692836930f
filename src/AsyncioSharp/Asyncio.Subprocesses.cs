using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public static partial class Asyncio
{
    /// <summary>
    /// Starts a program (<c>asyncio.create_subprocess_exec()</c>). It goes on until it ends by itself: own it with
    /// <c>await using</c> to have it ended with the block.
    /// </summary>
    /// <param name="program">The program: a path, or a name that is looked for in <c>PATH</c>.</param>
    /// <param name="arguments">Its arguments, which reach it as they are: there is nothing to quote.</param>
    /// <param name="options">How it is started. What is not said of its standard streams is shared with this program.</param>
    /// <returns>The subprocess, which runs.</returns>
    /// <inheritdoc cref="EventLoop.SubprocessExecAsync{TProtocol}" path="/exception"/>
    public static Coroutine<Subprocess> CreateSubprocessExecAsync(
        string program, IEnumerable<string>? arguments = null, SubprocessOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        return Subprocess.StartAsync(new ProcessStart(program, [.. arguments ?? []], options ?? new SubprocessOptions(), Stdio.Inherit));
    }

    /// <summary>
    /// Has the shell run a command (<c>asyncio.create_subprocess_shell()</c>): <c>/bin/sh</c>, on Windows <c>cmd.exe</c>.
    /// </summary>
    /// <param name="command">The command line. What comes from elsewhere has no place in it, as the shell takes it apart: pass
    /// it to <see cref="CreateSubprocessExecAsync"/> as an argument, or in a variable of the environment.</param>
    /// <param name="options">How it is started. What is not said of its standard streams is shared with this program.</param>
    /// <returns>The subprocess, which runs.</returns>
    /// <inheritdoc cref="EventLoop.SubprocessExecAsync{TProtocol}" path="/exception"/>
    public static Coroutine<Subprocess> CreateSubprocessShellAsync(string command, SubprocessOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        return Subprocess.StartAsync(ProcessStart.Shell(command, options ?? new SubprocessOptions(), Stdio.Inherit));
    }
}
