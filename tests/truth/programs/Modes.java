// SPDX-License-Identifier: MIT
// Every way in which Java writes a file, one file each below out/.
import java.io.*;
import java.nio.*;
import java.nio.channels.FileChannel;
import java.nio.file.*;

public class Modes {
	public static void main(String[] args) throws Exception {
		try (FileOutputStream f = new FileOutputStream("out/stream")) {
			f.write(1);
		}
		try (FileWriter f = new FileWriter("out/writer")) {
			f.write("x");
		}
		try (PrintWriter f = new PrintWriter("out/print")) {
			f.print("x");
		}
		try (RandomAccessFile f = new RandomAccessFile("out/old-java", "rw")) {
			f.write(2);
		}
		Files.writeString(Path.of("out/nio"), "x");
		Files.write(Path.of("out/append"), new byte[1],
			StandardOpenOption.CREATE, StandardOpenOption.APPEND);
		try (FileChannel c = FileChannel.open(Path.of("out/mapped"),
			StandardOpenOption.CREATE, StandardOpenOption.READ,
			StandardOpenOption.WRITE)) {
			c.map(FileChannel.MapMode.READ_WRITE, 0, 100).put((byte) 1);
			try (FileChannel d = FileChannel.open(Path.of("out/sent"),
				StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
				c.transferTo(0, 100, d);
			}
		}
		Files.copy(Path.of("out/nio"), Path.of("out/copied"));
		Files.createFile(Path.of("tmp"));
		Files.move(Path.of("tmp"), Path.of("out/moved"));
		Files.createLink(Path.of("out/linked"), Path.of("out/nio"));
		Files.createSymbolicLink(Path.of("out/symlinked"), Path.of("nio"));
		ProcessBuilder p = new ProcessBuilder("cp", "out/nio", "out/no-env");
		p.environment().clear();
		p.start().waitFor();
		new ProcessBuilder("echo").redirectOutput(new File("out/redirect"))
			.start().waitFor();
		Thread t = new Thread(() -> {
			try {
				Files.writeString(Path.of("out/thread"), "x");
			} catch (IOException e) {
				throw new UncheckedIOException(e);
			}
		});
		t.start();
		t.join();
	}
}
