global using AsyncioSharp.Stress.Running;
