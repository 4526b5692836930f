using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace AsyncioSharp.LowLevel;

/// <summary>What a TLS connection is made with: one side's options, and how long to wait for the other side.</summary>
internal readonly record struct TlsOptions(
    SslClientAuthenticationOptions? Client, SslServerAuthenticationOptions? Server, TimeSpan HandshakeTimeout, TimeSpan ShutdownTimeout)
{
    /// <summary>How long a handshake may take unless it is said: 60 s, as in asyncio.</summary>
    private static readonly TimeSpan s_handshakeTimeout = TimeSpan.FromSeconds(60);

    /// <summary>How long the peer has to end its side when this one closes: 30 s, as in asyncio.</summary>
    private static readonly TimeSpan s_shutdownTimeout = TimeSpan.FromSeconds(30);

    /// <summary>For the side that connects. A host is needed, as the peer's certificate is checked against it.</summary>
    public static TlsOptions ForClient(SslClientAuthenticationOptions options, string? host, TimeSpan? handshakeTimeout, TimeSpan? shutdownTimeout)
    {
        var target = string.IsNullOrEmpty(options.TargetHost) ? host : options.TargetHost;
        if (string.IsNullOrEmpty(target))
        {
            throw new ArgumentException(
                "TLS needs the name of the server, to check its certificate: set TargetHost, as there is no host to take it from.", nameof(options));
        }
        var (handshake, shutdown) = Checked(handshakeTimeout, shutdownTimeout);
        return new TlsOptions(Copy(options, target), null, handshake, shutdown);
    }

    /// <summary>For the side that is connected to.</summary>
    public static TlsOptions ForServer(SslServerAuthenticationOptions options, TimeSpan? handshakeTimeout, TimeSpan? shutdownTimeout)
    {
        if (options.ServerCertificate is null && options.ServerCertificateContext is null && options.ServerCertificateSelectionCallback is null)
        {
            throw new ArgumentException(
                "A TLS server needs a certificate: set ServerCertificate, " +
                "ServerCertificateContext or ServerCertificateSelectionCallback.", nameof(options));
        }
        if (options.ServerCertificate is X509Certificate2 { HasPrivateKey: false })
        {
            throw new ArgumentException(
                $"The certificate of {((X509Certificate2)options.ServerCertificate).Subject} has no private key, " +
                "which a TLS server needs.", nameof(options));
        }
        var (handshake, shutdown) = Checked(handshakeTimeout, shutdownTimeout);
        return new TlsOptions(null, Copy(options), handshake, shutdown);
    }

    /// <summary>Throws if a time is given for a connection that has no TLS, as TLS was forgotten then.</summary>
    public static void CheckUnused(TimeSpan? handshakeTimeout, TimeSpan? shutdownTimeout)
    {
        if (handshakeTimeout is not null || shutdownTimeout is not null)
        {
            throw new ArgumentException(
                "TlsHandshakeTimeout and TlsShutdownTimeout are for TLS, which the options do not ask for: set Tls.", "options");
        }
    }

    private static (TimeSpan Handshake, TimeSpan Shutdown) Checked(TimeSpan? handshakeTimeout, TimeSpan? shutdownTimeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(handshakeTimeout ?? s_handshakeTimeout, TimeSpan.Zero, nameof(handshakeTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(shutdownTimeout ?? s_shutdownTimeout, TimeSpan.Zero, nameof(shutdownTimeout));
        return (handshakeTimeout ?? s_handshakeTimeout, shutdownTimeout ?? s_shutdownTimeout);
    }

    // The caller's may serve many connections to different hosts, and be changed for the next. Renegotiation is refused: a
    // write that meets one blocks the thread until it is over, and here the thread is what it waits for.
    private static SslClientAuthenticationOptions Copy(SslClientAuthenticationOptions options, string target)
    {
        var copy = new SslClientAuthenticationOptions
        {
            AllowRenegotiation = false,
            AllowTlsResume = options.AllowTlsResume,
            ApplicationProtocols = options.ApplicationProtocols,
            CertificateChainPolicy = options.CertificateChainPolicy,
            CertificateRevocationCheckMode = options.CertificateRevocationCheckMode,
            CipherSuitesPolicy = options.CipherSuitesPolicy,
            ClientCertificateContext = options.ClientCertificateContext,
            ClientCertificates = options.ClientCertificates,
            EnabledSslProtocols = options.EnabledSslProtocols,
            EncryptionPolicy = options.EncryptionPolicy,
            LocalCertificateSelectionCallback = options.LocalCertificateSelectionCallback,
            RemoteCertificateValidationCallback = options.RemoteCertificateValidationCallback,
            TargetHost = target,
        };
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            copy.AllowRsaPkcs1Padding = options.AllowRsaPkcs1Padding;
            copy.AllowRsaPssPadding = options.AllowRsaPssPadding;
        }
        return copy;
    }

    private static SslServerAuthenticationOptions Copy(SslServerAuthenticationOptions options)
    {
        var context = options.ServerCertificateContext;
        // .NET looks the certificate's chain up for each connection unless that was done before. A selection takes
        // precedence over a certificate, but not over a context.
        if (context is null && options is { ServerCertificate: X509Certificate2 certificate, ServerCertificateSelectionCallback: null })
            context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null);
        var copy = new SslServerAuthenticationOptions
        {
            AllowRenegotiation = false,
            AllowTlsResume = options.AllowTlsResume,
            ApplicationProtocols = options.ApplicationProtocols,
            CertificateChainPolicy = options.CertificateChainPolicy,
            CertificateRevocationCheckMode = options.CertificateRevocationCheckMode,
            CipherSuitesPolicy = options.CipherSuitesPolicy,
            ClientCertificateRequired = options.ClientCertificateRequired,
            EnabledSslProtocols = options.EnabledSslProtocols,
            EncryptionPolicy = options.EncryptionPolicy,
            RemoteCertificateValidationCallback = options.RemoteCertificateValidationCallback,
            ServerCertificate = options.ServerCertificate,
            ServerCertificateContext = context,
            ServerCertificateSelectionCallback = options.ServerCertificateSelectionCallback,
        };
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            copy.AllowRsaPkcs1Padding = options.AllowRsaPkcs1Padding;
            copy.AllowRsaPssPadding = options.AllowRsaPssPadding;
        }
        return copy;
    }
}
