using System.Security.Cryptography.X509Certificates;

namespace AsyncioSharp.Network;

/// <summary>The certificate that every server uses, so that all do the same work: FILE.pem, made by <c>bench/network</c>.</summary>
internal static class Certificate
{
    public static X509Certificate2 Load(string file) => X509Certificate2.CreateFromPemFile(file + ".pem");
}
