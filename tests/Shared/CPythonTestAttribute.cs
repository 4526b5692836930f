namespace AsyncioSharp.Tests;

/// <summary>
/// Names the test of CPython's asyncio suite that a test here answers. <c>tests/cpython-coverage</c> counts these,
/// so all three arguments are string literals on one line and name a row of <c>tests/cpython-tests.tsv</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true, Inherited = false)]
public sealed class CPythonTestAttribute(string file, string testClass, string method) : Attribute
{
    public string File { get; } = file;

    public string TestClass { get; } = testClass;

    public string Method { get; } = method;
}
