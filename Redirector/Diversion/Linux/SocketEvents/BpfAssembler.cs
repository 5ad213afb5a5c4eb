using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Native;

namespace FwRedirect.Redirector.Diversion.Linux.SocketEvents;

/// <summary>
/// Puts BPF instructions together by hand: two programs of some forty instructions need no compiler on the target machine.
/// An instruction has 8 bytes: operation, registers (source in the upper half), 16-bit offset, 32-bit constant (kernel: Documentation/bpf/standardization).
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class BpfAssembler
{
    private readonly List<ulong> _code = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly List<(int At, string Label)> _jumps = [];

    public void Move(int to, int from) => Emit(0xBF, to, from, 0, 0);

    public void Set(int to, int value) => Emit(0xB7, to, 0, 0, value);

    public void Add(int to, int value) => Emit(0x07, to, 0, 0, value);

    public void Or(int to, int value) => Emit(0x47, to, 0, 0, value);

    public void And(int to, int value) => Emit(0x57, to, 0, 0, value);

    public void ShiftLeft(int to, int bits) => Emit(0x67, to, 0, 0, bits);

    public void ShiftRight(int to, int bits) => Emit(0x77, to, 0, 0, bits);

    public void Load32(int to, int from, int offset) => Emit(0x61, to, from, offset, 0);

    public void Store32(int to, int offset, int from) => Emit(0x63, to, from, offset, 0);

    public void Store64(int to, int offset, int from) => Emit(0x7B, to, from, offset, 0);

    /// <summary>The address of a place on the stack: register 10 is the frame, offsets are negative.</summary>
    public void StackAddress(int to, int offset)
    {
        Move(to, 10);
        Add(to, offset);
    }

    /// <summary>The kernel puts the map's address in the place of its descriptor; the instruction takes two slots.</summary>
    public void LoadMap(int to, Descriptor map)
    {
        Emit(0x18, to, 1, 0, (int)map.DangerousGetHandle());
        Emit(0, 0, 0, 0, 0);
    }

    public void Call(int helper) => Emit(0x85, 0, 0, 0, helper);

    public void Jump(string label) => EmitJump(0x05, 0, 0, label);

    public void JumpIfEqual(int register, int value, string label) => EmitJump(0x15, register, value, label);

    public void JumpIfNotEqual(int register, int value, string label) => EmitJump(0x55, register, value, label);

    public void Label(string label) => _labels.Add(label, _code.Count);

    public void Return(int value)
    {
        Set(0, value);
        Emit(0x95, 0, 0, 0, 0);
    }

    /// <summary>The finished instructions, jumps resolved.</summary>
    public ulong[] Assemble()
    {
        var code = _code.ToArray();
        foreach (var (at, label) in _jumps) code[at] |= (ulong)(ushort)(_labels[label] - at - 1) << 16;
        return code;
    }

    private void EmitJump(byte operation, int register, int value, string label)
    {
        _jumps.Add((_code.Count, label));
        Emit(operation, register, 0, 0, value);
    }

    private void Emit(byte operation, int to, int from, int offset, int value) =>
        _code.Add(operation | ((ulong)to << 8) | ((ulong)from << 12) | ((ulong)(ushort)offset << 16) | ((ulong)(uint)value << 32));
}
