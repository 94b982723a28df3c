package org.flywheelmta.spool;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import org.flywheelmta.base.SingleThreadSafe;
import org.jspecify.annotations.Nullable;

/**
 * Compresses parts of a content, each into a frame of zstd of its own (RFC 8878), and expands them
 * again. Whoever has one owns some native memory until {@link #close}; expanding needs none.
 */
@SingleThreadSafe
final class FrameCodec implements AutoCloseable {
  private static final int LEVEL = 1;

  /** A frame is used where it is shorter than the part by this fraction of it at least. */
  private static final int LEAST_SAVED = 8;

  private final ByteBufAllocator allocator;
  private final ZstdCompressCtx context = new ZstdCompressCtx();
  private final ByteBuf plain;
  private final ByteBuf frame;

  /** How expanding went. */
  enum Expanded {
    WHOLE,
    /** What is there is no frame, or one of another length. */
    DAMAGED,
    /** There is no native memory for it now, or the library cannot be loaded. */
    LATER
  }

  /**
   * Loads the library, which blocks on the disk.
   *
   * @throws LinkageError where the library cannot be loaded
   */
  FrameCodec(ByteBufAllocator allocator) {
    this.allocator = allocator;
    context.setLevel(LEVEL).setContentSize(true).setChecksum(false);
    int bound = (int) Zstd.compressBound(Spool.CHUNK_BYTES);
    plain = allocator.directBuffer(Spool.CHUNK_BYTES, Spool.CHUNK_BYTES);
    frame = allocator.directBuffer(bound, bound);
  }

  /** Whether a compressed chunk may hold so many octets. */
  static boolean isPlausible(int plainBytes) {
    return plainBytes > 0 && plainBytes <= Spool.CHUNK_BYTES;
  }

  /**
   * Compresses a part.
   *
   * @param part at most {@link Spool#CHUNK_BYTES} octets; read, its reference stays the caller's
   * @return a buffer as long as the frame, whose reference is the caller's; null where that saves
   *     too little, or there is no memory for it
   */
  @Nullable ByteBuf compress(ByteBuf part) {
    int bytes = part.readableBytes();
    if (!isPlausible(bytes)) {
      return null;
    }
    try {
      var target = frame.nioBuffer(0, frame.capacity());
      int length =
          context.compressDirectByteBuffer(target, 0, target.capacity(), direct(part), 0, bytes);
      if (length > bytes - bytes / LEAST_SAVED) {
        return null;
      }
      return allocator.directBuffer(length, length).writeBytes(frame, 0, length);
    } catch (ZstdException | OutOfMemoryError full) {
      // The target is as long as any frame can be, so it is memory that is missing, in the library
      // or of the buffers. The part can do without.
      return null;
    }
  }

  /** The part in one piece of native memory: its own, or a copy. */
  private ByteBuffer direct(ByteBuf part) {
    int bytes = part.readableBytes();
    if (part.isDirect() && part.nioBufferCount() == 1) {
      return part.nioBuffer().slice();
    }
    plain.clear().writeBytes(part, part.readerIndex(), bytes);
    return plain.nioBuffer(0, bytes);
  }

  /**
   * Expands a frame into a buffer, which has room for so many octets and never gets more.
   *
   * @param compressed one piece of native memory, from its reader index on
   * @param into gets the octets where it is {@code WHOLE}
   */
  static Expanded expand(ByteBuf compressed, ByteBuf into, int plainBytes) {
    var source = compressed.nioBuffer().slice();
    var target = into.nioBuffer(into.writerIndex(), plainBytes).slice();
    try {
      long length =
          Zstd.decompressDirectByteBuffer(target, 0, plainBytes, source, 0, source.capacity());
      if (Zstd.isError(length)) {
        return expandedBy(Zstd.getErrorCode(length));
      }
      if (length != plainBytes) {
        return Expanded.DAMAGED;
      }
    } catch (ZstdException failure) {
      return expandedBy(failure.getErrorCode());
    } catch (LinkageError missing) {
      return Expanded.LATER;
    }
    into.writerIndex(into.writerIndex() + plainBytes);
    return Expanded.WHOLE;
  }

  private static Expanded expandedBy(long errorCode) {
    return errorCode == Zstd.errMemoryAllocation() ? Expanded.LATER : Expanded.DAMAGED;
  }

  @Override
  public void close() {
    context.close();
    plain.release();
    frame.release();
  }
}
