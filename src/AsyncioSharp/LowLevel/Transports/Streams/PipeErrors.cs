namespace AsyncioSharp.LowLevel;

/// <summary>Exceptions of pipes.</summary>
internal static class PipeErrors
{
    public static NotSupportedException NotWritten() => new("This is the reading end of a pipe: nothing can be written to it.");
}
