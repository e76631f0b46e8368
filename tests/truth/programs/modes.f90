! SPDX-License-Identifier: MIT
! The ways in which Fortran writes a file.
program modes
  implicit none
  open (10, file='out/formatted')
  write (10, *) 1
  close (10)
  open (10, file='out/unformatted', form='unformatted')
  write (10) 1
  close (10)
  open (10, file='out/direct', access='direct', recl=8)
  write (10, rec=3) 1.0d0
  close (10)
  open (10, file='out/stream', access='stream', form='unformatted')
  write (10) 1
  close (10)
  open (10, file='out/old-f90', position='append', status='old')
  write (10, *) 2
  close (10)
  call execute_command_line('echo > out/shell')
end program modes
