namespace AsyncioSharp.Tests;

// Delete this class when the first tests of the library arrive: it only gives `dotnet test` something to run.
public class CPythonTestAttributeTests
{
    [Fact]
    public void Keeps_what_it_was_given()
    {
        var attribute = new CPythonTestAttribute("test_futures.py", "BaseFutureTests", "test_cancel");

        Assert.Equal("test_futures.py", attribute.File);
        Assert.Equal("BaseFutureTests", attribute.TestClass);
        Assert.Equal("test_cancel", attribute.Method);
    }
}
