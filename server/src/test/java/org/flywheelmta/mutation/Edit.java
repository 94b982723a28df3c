package org.flywheelmta.mutation;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * A change to the instructions of a method: which one, and what stands in its place.
 *
 * @param matches finds the instruction
 * @param replace writes what stands there instead
 */
record Edit(Predicate<CodeElement> matches, BiConsumer<CodeBuilder, CodeElement> replace) {
  /** Leaves out a call; where it would give something, that is 0, false or null. */
  static Edit omitCall(String owner, String method) {
    return new Edit(
        element -> isCall(element, owner, method),
        (code, element) -> {
          var call = (InvokeInstruction) element;
          dropArguments(code, call);
          switch (TypeKind.from(call.typeSymbol().returnType())) {
            case VOID -> {}
            case REFERENCE -> code.aconst_null();
            case LONG -> code.lconst_0();
            default -> code.iconst_0();
          }
        });
  }

  /** Makes a call without arguments twice. */
  static Edit repeatCall(String owner, String method) {
    return new Edit(
        element -> isCall(element, owner, method),
        (code, element) -> {
          var call = (InvokeInstruction) element;
          code.dup().with(call);
          if (TypeKind.from(call.typeSymbol().returnType()) != TypeKind.VOID) {
            code.pop();
          }
          code.with(call);
        });
  }

  /** Takes a number for what a field has. */
  static Edit misread(String field, int value) {
    return new Edit(
        element -> isField(element, Opcode.GETFIELD, field),
        (code, element) -> code.pop().loadConstant(value));
  }

  /** Puts a number into a field in place of what belongs there. */
  static Edit misstore(String field, int value) {
    return new Edit(
        element -> isField(element, Opcode.PUTFIELD, field),
        (code, element) -> code.pop().loadConstant(value).with(element));
  }

  /** Leaves a field as it is in place of setting it. */
  static Edit omitStore(String field) {
    return new Edit(
        element -> isField(element, Opcode.PUTFIELD, field), (code, element) -> code.pop2());
  }

  /** Branches upon another condition. */
  static Edit turnCondition(Opcode from, Opcode to) {
    return new Edit(
        element -> element instanceof BranchInstruction branch && branch.opcode() == from,
        (code, element) -> code.branch(to, ((BranchInstruction) element).target()));
  }

  /** Never branches, whatever the condition. */
  static Edit neverBranch(Opcode condition) {
    return new Edit(
        element -> element instanceof BranchInstruction branch && branch.opcode() == condition,
        (code, element) -> code.pop());
  }

  private static boolean isCall(CodeElement element, String owner, String method) {
    return element instanceof InvokeInstruction call
        && call.name().equalsString(method)
        && call.owner().asInternalName().endsWith("/" + owner);
  }

  private static boolean isField(CodeElement element, Opcode opcode, String field) {
    return element instanceof FieldInstruction access
        && access.opcode() == opcode
        && access.name().equalsString(field);
  }

  private static void dropArguments(CodeBuilder code, InvokeInstruction call) {
    for (var type : call.typeSymbol().parameterList().reversed()) {
      drop(code, TypeKind.from(type));
    }
    if (call.opcode() != Opcode.INVOKESTATIC) {
      code.pop();
    }
  }

  private static void drop(CodeBuilder code, TypeKind kind) {
    if (kind.slotSize() == 2) {
      code.pop2();
    } else {
      code.pop();
    }
  }
}
