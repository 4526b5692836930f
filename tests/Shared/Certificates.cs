using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AsyncioSharp.Tests;

/// <summary>A certificate for localhost that was signed by itself, and options for both sides that use it.</summary>
internal static class Certificates
{
    private static readonly Lazy<X509Certificate2> s_localhost = new(() => Make("localhost"));

    public static X509Certificate2 Localhost => s_localhost.Value;

    /// <summary>Serves with it.</summary>
    public static SslServerAuthenticationOptions Server => new() { ServerCertificate = Localhost };

    /// <summary>Accepts it and no other.</summary>
    public static SslClientAuthenticationOptions Client => new()
    {
        TargetHost = "localhost",
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null
            && certificate.GetCertHashString() == Localhost.GetCertHashString(),
    };

    /// <summary>Checks the certificate as .NET does, and trusts that one.</summary>
    public static SslClientAuthenticationOptions Checking(string? name) => new()
    {
        TargetHost = name,
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { Localhost },
            RevocationMode = X509RevocationMode.NoCheck,
        },
    };

    public static X509Certificate2 Make(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        // Through PKCS#12, as Windows serves with no key that is in memory only.
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(40), DateTimeOffset.UnixEpoch.AddYears(90));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
