/**
 * The commonest passwords, and the words at the core of most others, in lower case. Kept small on purpose: length is the
 * rule, this list only refuses what every guesser tries first once a length is asked for.
 */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `
  password passwords passwordpassword mypassword passw passwort motdepasse contrasena senha secret secretpassword
  qwerty qwertyuiop qwertyuiopas qwertyqwerty qwertyasdfgh qwertzuiop azertyuiop asdfghjkl asdfghjklzx zxcvbnm
  zxcvbnmasdfg qazwsx qazwsxedc qazwsxedcrfv qweasdzxc abcabc abcdef abcdefgh
  admin administrator adminadmin adminadminadmin superadmin root rootroot toor sysadmin superuser manager operator
  letmein letmeinnow letmeinplease welcome welcomewelcome welcomehome welcomeback changeme changemenow changeit
  changepassword default defaultpassword temporary temppassword temppass guest guestguest test testtest testtesttest
  testing testpassword demo demodemo demopassword user username login loginlogin access accessaccess
  iloveyou iloveyouforever iloveyousomuch ihateyou loveyou lovelove sunshine princess dragon monkey monkeymonkey
  football baseball basketball superman batman spiderman starwars pokemon computer internet whatever trustnoone
  michael jennifer charlie jordan shadow master masterkey killer freedom summer winter spring autumn
  summertime wintertime company companyname holdfast holdfastholdfast supplychain industry factory
  correcthorsebatterystaple thisisapassword thisismypassword nopassword newpassword yourpassword
  1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv q1w2e3r4t5y6 zaq12wsxcde3 123qweasdzxc qwe123qwe123
  123456789012 1234567890qwerty 1234567890qw qwerty123456 123456qwerty 0123456789ab 123123123123 112233445566
  a1b2c3d4e5f6 abc123abc123 1234qwerasdf qwer1234asdf 987654321098
  `
    .trim()
    .split(/\s+/),
);
