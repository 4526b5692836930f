using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AsyncioSharp.Tests.Tls;

/// <summary>
/// A certificate authority and certificates it has signed, also as files for other programs: for localhost, for a client,
/// for another name, and one that is out of date.
/// </summary>
internal sealed class CertificateFiles : IDisposable
{
    private static readonly DateTimeOffset s_begin = DateTimeOffset.UtcNow.AddDays(-30);
    private static readonly DateTimeOffset s_end = DateTimeOffset.UtcNow.AddDays(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("asyncio-tls-").FullName;
    private readonly List<X509Certificate2> _certificates = [];

    public CertificateFiles()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Authority = Keep(request.CreateSelfSigned(s_begin, s_end));
        AuthorityFile = Write("authority.pem", Authority.ExportCertificatePem());
        Localhost = Sign("localhost", s_end);
        Client = Sign("client", s_end);
        Elsewhere = Sign("elsewhere.example", s_end);
        Expired = Sign("localhost", DateTimeOffset.UtcNow.AddDays(-1));
    }

    public X509Certificate2 Authority { get; }

    public string AuthorityFile { get; }

    public X509Certificate2 Localhost { get; }

    public X509Certificate2 Client { get; }

    public X509Certificate2 Elsewhere { get; }

    public X509Certificate2 Expired { get; }

    /// <summary>Trusts the authority, and no other.</summary>
    public X509ChainPolicy Policy
    {
        get
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.Add(Authority);
            return policy;
        }
    }

    /// <summary>A certificate and its key in one file.</summary>
    public string File(X509Certificate2 certificate) => Write(
        $"{certificate.SerialNumber}.pem",
        certificate.ExportCertificatePem() + "\n" + certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n");

    public void Dispose()
    {
        _certificates.ForEach(static certificate => certificate.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    private X509Certificate2 Sign(string name, DateTimeOffset end)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Authority, true, false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(Authority, s_begin, end, RandomNumberGenerator.GetBytes(8));
        return Keep(certificate.CopyWithPrivateKey(key));
    }

    private X509Certificate2 Keep(X509Certificate2 certificate)
    {
        _certificates.Add(certificate);
        return certificate;
    }

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }
}
