namespace AsyncioSharp;

/// <summary>A frame of a call stack, and the line at which it stands (<c>asyncio.FrameCallGraphEntry</c>).</summary>
/// <param name="Method">The method, as its author knows it: <c>Class.Method</c>.</param>
/// <param name="File">The source file; null where no debugging information (PDB) tells it.</param>
/// <param name="Line">The line: of the <c>await</c> at which the frame waits, of the call at which it is, or of the first
/// statement if the method has not begun; 0 where it is not known.</param>
/// <param name="IsAsync">Whether it is an <c>async</c> method.</param>
public sealed record CallGraphFrame(string Method, string? File, int Line, bool IsAsync)
{
    /// <summary>In the form of .NET's stack traces.</summary>
    public override string ToString()
    {
        var method = Method.EndsWith(')') ? Method : $"{Method}()"; // "Main (lambda)"
        if (IsAsync)
            method = $"async {method}";
        return File is null ? method : $"{method} in {File}:line {Line}";
    }
}
