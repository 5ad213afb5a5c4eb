using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace FwRedirect.Tests.Architecture;

/// <summary>
/// What compiled code refers to: base types, fields, signatures, attributes, locals, and every type, method and field that a method body names. A constant leaves no
/// trace, since the compiler copies its value.
/// </summary>
internal static class CodeReferences
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>The members (types among them) that <paramref name="type"/> itself refers to, each once; nested types are asked on their own.</summary>
    public static IReadOnlySet<MemberInfo> Of(Type type)
    {
        var found = new HashSet<MemberInfo>();
        AddType(found, type.BaseType);
        foreach (var implemented in type.GetInterfaces())
            AddType(found, implemented);
        AddAttributes(found, type);
        foreach (var field in type.GetFields(Declared))
            AddType(found, field.FieldType);
        foreach (var method in type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)))
        {
            AddAttributes(found, method);
            AddSignature(found, method);
            AddBody(found, method);
        }

        return found;
    }

    private static void AddAttributes(HashSet<MemberInfo> found, MemberInfo member)
    {
        foreach (var attribute in member.GetCustomAttributesData())
            AddType(found, attribute.AttributeType);
    }

    private static void AddType(HashSet<MemberInfo> found, Type? type)
    {
        while (type is { HasElementType: true })
            type = type.GetElementType();
        if (type is null || type.IsGenericParameter)
            return;
        if (type.IsGenericType)
        {
            foreach (var argument in type.GetGenericArguments())
                AddType(found, argument);
            type = type.GetGenericTypeDefinition();
        }

        found.Add(type);
    }

    private static void AddSignature(HashSet<MemberInfo> found, MethodBase method)
    {
        foreach (var parameter in method.GetParameters())
            AddType(found, parameter.ParameterType);
        if (method is MethodInfo { ReturnType: var result })
            AddType(found, result);
    }

    private static void AddBody(HashSet<MemberInfo> found, MethodBase method)
    {
        if (method.GetMethodBody() is not { } body)
            return;
        foreach (var local in body.LocalVariables)
            AddType(found, local.LocalType);
        foreach (var handler in body.ExceptionHandlingClauses.Where(c => c.Flags == ExceptionHandlingClauseOptions.Clause))
            AddType(found, handler.CatchType);
        var typeArguments = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        foreach (var token in Tokens(body.GetILAsByteArray()!))
        {
            var member = method.Module.ResolveMember(token, typeArguments, methodArguments)!;
            if (member is Type named)
            {
                AddType(found, named);
                continue;
            }

            found.Add(member);
            AddType(found, member.DeclaringType);
            switch (member)
            {
                case MethodBase called:
                    AddSignature(found, called);
                    foreach (var argument in called.IsGenericMethod ? called.GetGenericArguments() : [])
                        AddType(found, argument);
                    break;
                case FieldInfo field:
                    AddType(found, field.FieldType);
                    break;
            }
        }
    }

    /// <summary>The metadata tokens in a method body (ECMA-335, III.1.2): opcodes are one byte, or two that begin with FE.</summary>
    private static IEnumerable<int> Tokens(byte[] body)
    {
        for (var at = 0; at < body.Length;)
        {
            var code = body[at] == 0xFE ? OpCodes[(short)(0xFE00 | body[at + 1])] : OpCodes[body[at]];
            at += code.Size;
            if (code.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
                yield return BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(at));
            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(at))),
                _ => 4,
            };
        }
    }
}
