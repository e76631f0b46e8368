! Heat spreading over a square plate with a hot left edge, by explicit steps.
program heat
  implicit none
  integer, parameter :: dp = kind(1.0d0)
  integer :: cells = 64, steps = 400, frames = 4
  real(dp) :: diffusivity = 0.2_dp
  namelist /run/ cells, steps, frames, diffusivity
  real(dp), allocatable :: now(:, :), next(:, :)
  integer :: step, unit, every
  character(len=64) :: name

  open (newunit=unit, file='heat.nml', status='old', action='read')
  read (unit, nml=run)
  close (unit)

  allocate (now(0:cells + 1, 0:cells + 1), source=0.0_dp)
  now(0, :) = 100.0_dp
  next = now
  every = max(1, steps/max(1, frames))

  do step = 1, steps
    next(1:cells, 1:cells) = now(1:cells, 1:cells) + diffusivity* &
      (now(0:cells - 1, 1:cells) + now(2:cells + 1, 1:cells) + &
       now(1:cells, 0:cells - 1) + now(1:cells, 2:cells + 1) - &
       4*now(1:cells, 1:cells))
    now = next
    if (mod(step, every) == 0) then
      write (name, '(a, i5.5, a)') 'out/frames/step-', step, '.dat'
      call put(trim(name))
    end if
  end do
  call put('out/field.dat')
  write (*, '(a, f8.4)') 'heat: mean temperature ', &
    sum(now(1:cells, 1:cells))/(cells*cells)

contains

  ! Nobody may see half a field: written beside it, then renamed.
  subroutine put(path)
    character(len=*), intent(in) :: path
    integer :: out, i

    open (newunit=out, file=path//'.tmp', status='replace', action='write')
    do i = 1, cells
      write (out, '(*(f9.4))') now(i, 1:cells)
    end do
    close (out)
    call rename(path//'.tmp', path)
  end subroutine put

end program heat
