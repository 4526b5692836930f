namespace AsyncioSharp.Tests.Examples;

/// <summary>What a program wrote, and how it ended.</summary>
public sealed record ProgramOutput(int ExitCode, string StandardOutput, string StandardError);
