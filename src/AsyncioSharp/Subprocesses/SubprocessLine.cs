namespace AsyncioSharp;

/// <summary>A line that a subprocess has written.</summary>
/// <param name="Text">The line, without its end.</param>
/// <param name="IsError">Whether it is of the standard error; otherwise of the standard output.</param>
public readonly record struct SubprocessLine(string Text, bool IsError)
{
    /// <summary>The line.</summary>
    public override string ToString() => Text;
}
