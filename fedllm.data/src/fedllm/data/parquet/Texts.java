package fedllm.data.parquet;

import fedllm.api.error.SitsOut;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;

/** Plain values as text. */
final class Texts {

  private Texts() {}

  /** A value's text, or null where it is none, such as the bytes of a picture. */
  static String of(Group of, int field, int index) {
    PrimitiveType type = of.getType().getType(field).asPrimitiveType();
    LogicalTypeAnnotation means = type.getLogicalTypeAnnotation();
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> Boolean.toString(of.getBoolean(field, index));
      case FLOAT -> Float.toString(of.getFloat(field, index));
      case DOUBLE -> Double.toString(of.getDouble(field, index));
      case INT32 -> whole(of.getInteger(field, index), means);
      case INT64 -> whole(of.getLong(field, index), means);
      case BINARY, FIXED_LEN_BYTE_ARRAY -> bytes(of.getBinary(field, index).getBytes(), means);
      case INT96 -> null;
    };
  }

  private static String whole(long value, LogicalTypeAnnotation means) {
    if (means instanceof DecimalLogicalTypeAnnotation decimal) {
      return BigDecimal.valueOf(value, decimal.getScale()).toPlainString();
    }
    if (means instanceof DateLogicalTypeAnnotation) {
      return LocalDate.ofEpochDay(value).toString();
    }
    if (means instanceof TimestampLogicalTypeAnnotation time) {
      ChronoUnit unit =
          switch (time.getUnit()) {
            case MILLIS -> ChronoUnit.MILLIS;
            case MICROS -> ChronoUnit.MICROS;
            case NANOS -> ChronoUnit.NANOS;
          };
      return Instant.EPOCH.plus(value, unit).toString();
    }
    return Long.toString(value);
  }

  private static String bytes(byte[] bytes, LogicalTypeAnnotation means) {
    if (means instanceof DecimalLogicalTypeAnnotation decimal) {
      return new BigDecimal(new BigInteger(bytes), decimal.getScale()).toPlainString();
    }
    if (means instanceof UUIDLogicalTypeAnnotation) {
      return null;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      if (means == null) {
        return null;
      }
      throw new SitsOut("a text is not UTF-8; convert the file");
    }
  }
}
