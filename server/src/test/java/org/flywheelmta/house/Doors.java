package org.flywheelmta.house;

import java.lang.classfile.ClassModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The rule that time, randomness, files, sockets, threads and locks are used behind doors. */
final class Doors {
  private Doors() {}

  static List<String> complaints(Compiled compiled) {
    var complaints = new ArrayList<String>();
    compiled
        .models()
        .forEach(
            (name, model) -> {
              var room = Compiled.room(name);
              for (var call : calls(model)) {
                judge(name, room, call, complaints);
              }
              locks(name, model, complaints);
            });
    return complaints;
  }

  private static void judge(String name, String room, String call, List<String> complaints) {
    for (var door : Door.ALL) {
      if (door.covers(call) && !door.isOpenTo(room)) {
        complaints.add(
            "`" + Compiled.plain(name) + "` uses `" + readable(call) + "`; " + door.instead());
      }
    }
  }

  /** Every method and field of others that a class uses, by call or by method reference. */
  private static Set<String> calls(ClassModel model) {
    var calls = new TreeSet<String>();
    for (var entry : model.constantPool()) {
      if (entry instanceof MemberRefEntry member) {
        calls.add(
            member.owner().asInternalName()
                + "."
                + member.name().stringValue()
                + member.type().stringValue());
      }
    }
    return calls;
  }

  private static void locks(String name, ClassModel model, List<String> complaints) {
    for (var method : model.methods()) {
      boolean locks =
          method.flags().has(AccessFlag.SYNCHRONIZED)
              || method
                  .code()
                  .map(
                      code ->
                          code.elementStream()
                              .anyMatch(
                                  e ->
                                      e instanceof java.lang.classfile.Instruction i
                                          && i.opcode() == Opcode.MONITORENTER))
                  .orElse(false);
      if (locks) {
        complaints.add(
            "`"
                + Compiled.plain(name)
                + "."
                + method.methodName().stringValue()
                + "` is synchronized; a scheduler never waits: post to the owner, or compare and"
                + " set");
      }
    }
  }

  /** A field's descriptor says nothing to the reader, and a method's parameters little. */
  private static String readable(String call) {
    int parameters = call.indexOf('(');
    int end = parameters < 0 ? call.indexOf('.') : parameters;
    var shown =
        parameters < 0 ? call.replaceFirst("(Ljava|\\[|L).*;$", "") : call.substring(0, end);
    return shown.replace('/', '.').replace(".<init>", " (new)");
  }
}
