using System.Net;

namespace AsyncioSharp.Http;

/// <summary>Keeps requests on TCP.</summary>
internal static class HttpVersions
{
    /// <summary>HTTP/3 is made by QUIC on threads of its own, past the loop's transports: the next lower version is asked for.</summary>
    public static void WithoutQuic(HttpRequestMessage request)
    {
        if (request.Version.Major >= 3)
        {
            request.Version = HttpVersion.Version20;
            if (request.VersionPolicy == HttpVersionPolicy.RequestVersionOrHigher)
                request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }
        else if (request.VersionPolicy == HttpVersionPolicy.RequestVersionOrHigher && request.RequestUri?.Scheme == Uri.UriSchemeHttps)
        {
            // A server may advertise HTTP/3, which this policy takes up. Over TLS the two sides agree on the version, so that
            // nothing else changes.
            request.VersionPolicy = request.Version.Major == 2 ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower;
            request.Version = HttpVersion.Version20;
        }
    }
}
